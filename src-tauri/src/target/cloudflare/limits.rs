//! What is checked before anything is sent, with the number and the limit in the message.
//!
//! Pure. The limits are those that Cloudflare documents; what depends on the plan is an `Allowance`.

use std::collections::HashSet;

use crate::deployment::{Bundle, Value};
use crate::function::FunctionName;

/// All modules together, uncompressed.
pub const MAX_CODE: usize = 64 * 1024 * 1024;

/// The text of a variable or a secret, in bytes.
pub const MAX_TEXT: usize = 5 * 1024;

/// What the plan of an account allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Variables and secrets of one script.
    pub values: usize,
    /// Schedules of the account. Only those of the one script are known here.
    pub schedules: usize,
}

impl Allowance {
    pub const FREE: Self = Self { values: 64, schedules: 5 };
    pub const PAID: Self = Self { values: 128, schedules: 250 };
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    #[error("“{name}” can't be the name of a Worker: {why}")]
    Name { name: String, why: String },
    #[error("The function has no code to send.")]
    NoCode,
    #[error("The code has {bytes} bytes; Cloudflare takes {MAX_CODE} (64 MiB). Remove what is not needed.")]
    Code { bytes: usize },
    #[error("The function has {count} variables and secrets; the plan of the account allows {limit}. Remove some.")]
    Values { count: usize, limit: usize },
    #[error("{name} has {bytes} bytes; Cloudflare takes {MAX_TEXT} for a variable or a secret. Shorten it.")]
    Text { name: String, bytes: usize },
    #[error("{0} is bound twice. Remove one of the two.")]
    Twice(String),
    #[error("{0} has no value here, and a new Worker has none that could be kept. Store a value for it.")]
    NothingToInherit(String),
    #[error("The function has {count} schedules; the plan of the account allows {limit} in all. Remove some.")]
    Schedules { count: usize, limit: usize },
}

/// `keep`: names that are inherited beside those of the bundle. `first`: there is no version yet.
pub fn check(
    script: &str,
    bundle: &Bundle,
    keep: &[String],
    schedules: usize,
    first: bool,
    allowance: Allowance,
) -> Result<(), Exceeded> {
    if let Err(why) = FunctionName::parse(script) {
        return Err(Exceeded::Name { name: script.to_owned(), why: why.to_string() });
    }
    if bundle.modules.is_empty() {
        return Err(Exceeded::NoCode);
    }
    let bytes = bundle.modules.iter().map(|module| module.content.bytes().len()).sum();
    if bytes > MAX_CODE {
        return Err(Exceeded::Code { bytes });
    }
    values(bundle, keep, first)?;
    let count = bundle.bindings.len() + keep.len();
    if count > allowance.values {
        return Err(Exceeded::Values { count, limit: allowance.values });
    }
    if schedules > allowance.schedules {
        return Err(Exceeded::Schedules { count: schedules, limit: allowance.schedules });
    }
    Ok(())
}

fn values(bundle: &Bundle, keep: &[String], first: bool) -> Result<(), Exceeded> {
    let mut names: HashSet<&str> = HashSet::new();
    for binding in &bundle.bindings {
        let name = binding.name.as_str();
        if !names.insert(name) {
            return Err(Exceeded::Twice(name.to_owned()));
        }
        match &binding.value {
            Value::Inherit if first => return Err(Exceeded::NothingToInherit(name.to_owned())),
            value => {
                let bytes = value.text().map_or(0, str::len);
                if bytes > MAX_TEXT {
                    return Err(Exceeded::Text { name: name.to_owned(), bytes });
                }
            }
        }
    }
    for name in keep {
        if first {
            return Err(Exceeded::NothingToInherit(name.clone()));
        }
        if !names.insert(name) {
            return Err(Exceeded::Twice(name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Binding, Content, Module};
    use crate::secret::SecretName;

    fn bundle(code: &str, values: usize) -> Bundle {
        let binding = |index| Binding {
            name: SecretName::parse(&format!("KEY_{index}")).unwrap(),
            value: Value::Plain("made up".into()),
        };
        Bundle {
            modules: vec![Module { name: "main.js".into(), content: Content::Code(code.into()), map: None }],
            compatibility_date: "2026-11-17".into(),
            compatibility_flags: Vec::new(),
            bindings: (0..values).map(binding).collect(),
        }
    }

    fn refused(bundle: &Bundle, keep: &[String], schedules: usize, first: bool) -> String {
        check("greet", bundle, keep, schedules, first, Allowance::FREE).expect_err("over a limit").to_string()
    }

    #[test]
    fn what_is_at_a_limit_passes() {
        let mut at_all = bundle(&"x".repeat(MAX_CODE), 64);
        at_all.bindings[0].value = Value::Plain("x".repeat(MAX_TEXT));
        assert_eq!(check(&"a".repeat(63), &at_all, &[], 5, true, Allowance::FREE), Ok(()));
        assert_eq!(check("greet", &bundle("x", 128), &[], 250, false, Allowance::PAID), Ok(()));
    }

    #[test]
    fn what_is_over_a_limit_is_refused_with_the_number_and_the_limit() {
        let large = refused(&bundle(&"x".repeat(MAX_CODE + 1), 0), &[], 0, true);
        assert!(large.contains("67108865") && large.contains("67108864"), "{large}");
        let many = refused(&bundle("x", 64), &["THEIRS".into()], 0, false);
        assert!(many.contains("65") && many.contains("64"), "{many}");
        let mut long = bundle("x", 1);
        long.bindings[0].value = Value::Plain("x".repeat(5121));
        let long = refused(&long, &[], 0, true);
        assert!(long.contains("KEY_0 has 5121 bytes") && long.contains("5120"), "{long}");
        let schedules = refused(&bundle("x", 0), &[], 6, true);
        assert!(schedules.contains('6') && schedules.contains('5'), "{schedules}");
    }

    #[test]
    fn a_name_that_cloudflare_would_refuse_is_refused_with_its_reason() {
        for name in ["", "-a", "a-", "Greet", "a_b", &"a".repeat(64)] {
            let refused = check(name, &bundle("x", 0), &[], 0, true, Allowance::FREE);
            assert!(matches!(refused, Err(Exceeded::Name { .. })), "{name}");
        }
    }

    #[test]
    fn a_new_script_inherits_nothing_and_no_name_is_bound_twice() {
        let mut inheriting = bundle("x", 1);
        inheriting.bindings[0].value = Value::Inherit;
        assert!(refused(&inheriting, &[], 0, true).contains("KEY_0 has no value here"));
        assert_eq!(check("greet", &inheriting, &[], 0, false, Allowance::FREE), Ok(()));
        assert!(refused(&bundle("x", 0), &["THEIRS".into()], 0, true).contains("THEIRS has no value here"));
        assert!(refused(&bundle("x", 1), &["KEY_0".into()], 0, false).contains("KEY_0 is bound twice"));
    }
}
