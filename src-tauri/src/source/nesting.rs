//! How deep code goes, told before it is parsed: parser, checker, transformer and printer recurse, and a stack that
//! runs out ends the whole app.
//!
//! Reads tokens and knows no grammar. Where it errs, it takes code for deeper than it is; the limits are far above what
//! people write, and `STACK` is twice what the worst code within them was measured to take without optimisation.

use super::{Problem, position};

/// Brackets, blocks and statements without a block that may stand inside each other.
const MAX_DEPTH: usize = 1000;

/// Tokens of one expression, type or chain of statements, with all that it stands in.
const MAX_CHAIN: usize = 20_000;

/// Room for code within the limits. Memory is taken only as far as it is used.
pub(super) const STACK: usize = 128 * 1024 * 1024;

/// Does the work with room for code that `check` lets pass, on the thread that asks: to wake another for it takes up to half as
/// long again, most of that because its processor is cold.
pub(super) fn with_room<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK, work)
}

/// Refuses code that is too deep, at the place where it becomes so.
pub(super) fn check(file: &str, text: &str) -> Result<(), Problem> {
    let mut scan =
        Scan { bytes: text.as_bytes(), at: 0, level: Level::new(0), around: Vec::new(), chain: 0, control: 0 };
    let excess = scan.run().or_else(|| {
        scan.at = hidden_depth(text)?;
        Some(Excess::Depth)
    });
    let message = match excess {
        None => return Ok(()),
        Some(Excess::Depth) => format!("The code is nested too deeply: {MAX_DEPTH} levels are read, no more."),
        Some(Excess::Chain) => "The expression is too long to be read. Split it into several statements.".to_owned(),
    };
    Err(Problem { message, position: position(file, text, scan.at) })
}

/// Where a line opens more brackets than may stand inside each other and closes none between, whatever they stand in. Without
/// a grammar nobody knows for certain what is a string or a regular expression, and either ends with its line.
fn hidden_depth(text: &str) -> Option<usize> {
    // Almost always, and told from a few bytes of each thousand.
    let mut rest = text.as_bytes();
    while let Some(next) = rest.get(..=MAX_DEPTH).and_then(|near| near.iter().rposition(|byte| *byte == b'\n')) {
        rest = &rest[next + 1..];
    }
    if rest.len() <= MAX_DEPTH {
        return None;
    }
    let mut open = 0;
    text.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' | b'\n' | b'\r' => open = 0,
            _ => {}
        }
        open > MAX_DEPTH
    })
}

enum Excess {
    Depth,
    Chain,
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The innermost, and those that it stands in.
    level: Level,
    around: Vec<Level>,
    /// The sums over all of these.
    chain: usize,
    control: usize,
}

/// What stands between two brackets, or outside all.
struct Level {
    /// The byte that closes it; the one of a template's placeholder leads back into the template.
    closer: u8,
    placeholder: bool,
    /// Tokens since the last comma or semicolon: each may stand inside the one before.
    chain: usize,
    /// Of those that a comma does not end: `A<a, A<a, …` and `else if`.
    kept: usize,
    /// `if (a) for (;;) while (b) …`
    control: usize,
    /// Whether the last token ends an operand, so that a slash divides.
    operand: bool,
    after_else: bool,
}

impl Level {
    fn new(closer: u8) -> Self {
        Self { closer, placeholder: false, chain: 0, kept: 0, control: 0, operand: false, after_else: false }
    }
}

impl Scan<'_> {
    fn run(&mut self) -> Option<Excess> {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                _ if is_word(byte) => self.word(),
                b' ' | b'\n' | b'\r' | b'\t' | b'\x0c' => {
                    self.at += 1;
                    continue;
                }
                b'/' if self.next_is(b'/') => self.line_comment(),
                b'/' if self.next_is(b'*') => self.comment(),
                b'/' if !self.level.operand => self.regex(),
                b'"' | b'\'' => self.string(byte),
                b'`' => self.template(),
                b'(' | b'[' | b'{' => self.push(byte),
                b')' | b']' | b'}' => self.close(byte),
                _ => self.punctuator(byte),
            }
            if self.around.len() + self.control >= MAX_DEPTH {
                return Some(Excess::Depth);
            }
            if self.chain > MAX_CHAIN {
                return Some(Excess::Chain);
            }
        }
        None
    }

    fn next_is(&self, byte: u8) -> bool {
        self.bytes.get(self.at + 1) == Some(&byte)
    }

    /// Stops at the end of the text at the latest.
    #[inline]
    fn skip_while(&mut self, passes: impl Fn(u8) -> bool) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| !passes(*byte)).unwrap_or(rest.len());
    }

    /// U+2028 and U+2029 end a line as well.
    fn line_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let ends = |at: &usize| matches!(rest[*at..], [b'\n' | b'\r', ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..]);
        self.at += (0..rest.len()).find(ends).unwrap_or(rest.len());
    }

    fn comment(&mut self) {
        self.at += 2;
        loop {
            self.skip_while(|byte| byte != b'*');
            if self.at >= self.bytes.len() || self.next_is(b'/') {
                break;
            }
            self.at += 1;
        }
        self.at += 2;
    }

    fn token(&mut self, operand: bool) {
        let level = &mut self.level;
        level.chain += 1;
        level.operand = operand;
        self.chain += 1;
    }

    fn word(&mut self) {
        let start = self.at;
        self.skip_while(is_word);
        let word = &self.bytes[start..self.at];
        let after_else = std::mem::take(&mut self.level.after_else);
        // A name of its own: `a.in / b`.
        let member = self.bytes[..start].ends_with(b".");
        match word {
            _ if member => {}
            b"else" => {
                self.level.after_else = true;
                self.keep();
            }
            b"if" if after_else => {}
            b"if" | b"for" | b"while" | b"do" | b"with" => {
                self.level.control += 1;
                self.control += 1;
            }
            // Where lines end without a semicolon, these begin a statement.
            b"const" | b"let" | b"export" => self.reset(true),
            _ => {}
        }
        self.token(member || !is_operator(word));
    }

    fn punctuator(&mut self, byte: u8) {
        self.at += 1;
        let operand = self.level.operand;
        match byte {
            // Behind an operand they leave it one: `a++ / b`, and TypeScript's `a! / b`.
            b'!' => return self.token(operand),
            b'+' | b'-' if self.bytes.get(self.at) == Some(&byte) => {
                self.at += 1;
                return self.token(operand);
            }
            b',' => self.reset(false),
            b';' if self.next_word() != b"else" => self.statement_ends(),
            b'<' => self.keep(),
            _ => {}
        }
        self.token(false);
    }

    /// One more token that a comma does not take back.
    fn keep(&mut self) {
        self.level.kept += 1;
    }

    fn statement_ends(&mut self) {
        self.reset(true);
        let control = std::mem::take(&mut self.level.control);
        self.control -= control;
    }

    /// The first bytes of what follows, if that is a word.
    fn next_word(&self) -> &[u8] {
        let rest = self.bytes[self.at..].trim_ascii_start();
        &rest[..rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len())]
    }

    fn reset(&mut self, all: bool) {
        let level = &mut self.level;
        if all {
            level.kept = 0;
        }
        let dropped = level.chain - level.kept;
        level.chain = level.kept;
        self.chain -= dropped;
    }

    fn push(&mut self, byte: u8) {
        self.at += 1;
        self.token(false);
        let closer = match byte {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        self.around.push(std::mem::replace(&mut self.level, Level::new(closer)));
    }

    /// What closes nothing is passed over, and what was left open inside is closed: such code does not parse anyway.
    fn close(&mut self, byte: u8) {
        self.at += 1;
        if self.level.closer != byte && !self.around.iter().any(|level| level.closer == byte) {
            return;
        }
        let placeholder = loop {
            let around = self.around.pop().expect("the outermost level never closes");
            let closed = std::mem::replace(&mut self.level, around);
            self.chain -= closed.chain;
            self.control -= closed.control;
            if closed.closer == byte {
                break closed.placeholder;
            }
        };
        self.level.operand = true;
        if placeholder {
            self.template_text();
        } else if byte == b'}'
            && !matches!(self.next_word(), b"" | b"else" | b"as" | b"satisfies" | b"in" | b"instanceof")
        {
            self.statement_ends();
        }
    }

    fn template(&mut self) {
        self.token(true);
        self.at += 1;
        self.template_text();
    }

    fn template_text(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'$' if self.next_is(b'{') => {
                    self.at += 1;
                    self.push(b'{');
                    self.level.placeholder = true;
                    return;
                }
                b'`' => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn string(&mut self, quote: u8) {
        self.token(true);
        self.at += 1;
        self.line_until(|byte| *byte == quote);
    }

    fn regex(&mut self) {
        self.token(true);
        self.at += 1;
        let mut class = false;
        self.line_until(|byte| {
            match byte {
                b'[' => class = true,
                b']' => class = false,
                _ => {}
            }
            *byte == b'/' && !class
        });
    }

    /// Past the byte that ends it, or to the end of the line, which ends what was no string or regular expression.
    fn line_until(&mut self, mut ends: impl FnMut(&u8) -> bool) {
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += match byte {
                b'\\' if self.bytes[self.at + 1..].starts_with(b"\r\n") => 3,
                b'\\' => 2,
                _ => 1,
            };
            if ends(byte) || matches!(byte, b'\n' | b'\r') {
                return;
            }
        }
    }
}

/// Looked up: every byte of the code is asked about.
const WORDS: [bool; 256] = {
    let mut words = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        words[byte as usize] =
            (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'$' | b'#' | 0x80..);
        byte += 1;
    }
    words
};

#[inline]
fn is_word(byte: u8) -> bool {
    WORDS[usize::from(byte)]
}

/// Words that an operand follows, and not a division.
fn is_operator(word: &[u8]) -> bool {
    matches!(
        word,
        b"return"
            | b"typeof"
            | b"case"
            | b"in"
            | b"of"
            | b"delete"
            | b"void"
            | b"throw"
            | b"new"
            | b"instanceof"
            | b"do"
            | b"else"
            | b"yield"
            | b"await"
            | b"extends"
            | b"default"
    )
}

#[cfg(test)]
mod tests;
