//! Credentials in code: how many of a table of them are found, and how often code without any is stopped.
//!
//! The table was made before the rules. A third of it, chosen by name, is set aside: the rules are made with the rest.

mod generator;

use std::collections::BTreeSet;

use generator::{clean, held_out, positives};

#[test]
fn the_table_is_large_enough_to_tell_and_the_same_each_time() {
    let (positives, clean) = (positives(), clean());
    let formats: BTreeSet<_> = positives.iter().map(|positive| positive.format).collect();
    assert!(positives.len() >= 300 && formats.len() >= 150 && clean.len() >= 200);
    let codes: BTreeSet<_> = clean.iter().map(|clean| &clean.code).collect();
    assert_eq!(codes.len(), clean.len(), "each of the clean ones is another");
    let aside = positives.iter().filter(|positive| held_out(&positive.name)).count();
    assert!(aside > positives.len() / 4 && aside < positives.len() / 2, "{aside} are set aside");
    let again = generator::positives();
    assert!(positives.iter().zip(&again).all(|(first, second)| first.code == second.code));
    if std::env::var_os("SHOW_TABLE").is_some() {
        positives.iter().filter(|p| !held_out(&p.name)).take(40).for_each(|p| println!("== {}\n{}\n", p.name, p.code));
        clean.iter().take(5).for_each(|clean| println!("== {}\n{}\n", clean.name, clean.code));
    }
}

#[test]
fn every_worker_of_the_table_compiles() {
    let codes = positives().into_iter().map(|p| (p.name, p.code)).chain(clean().into_iter().map(|c| (c.name, c.code)));
    for (name, text) in codes {
        let file = postern::function::SourceFile { path: "index.ts".to_owned(), text };
        if let Err(problem) = postern::source::compile(&[file]) {
            panic!("{name}: {problem} line {}", problem.position.line);
        }
    }
}
