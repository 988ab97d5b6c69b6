//! A Rust file with its comments and strings blanked out, so that rules only see code.

use std::ops::Range;

/// A Rust file.
#[derive(Clone)]
pub(super) struct Source {
    /// The path, relative to the checkout.
    pub(super) path: String,
    pub(super) text: String,
    /// The text with the same length and lines, but with spaces for comments and the inside of
    /// strings.
    pub(super) code: String,
}

impl Source {
    pub(super) fn new(path: String, text: String) -> Self {
        let code = blank(&text);
        Self { path, text, code }
    }

    /// The line of a position in the code, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.code.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    }

    /// How many lines come before the tests.
    pub(super) fn lines_before_tests(&self) -> usize {
        let end = self
            .code
            .find("#[cfg(test)]\nmod ")
            .unwrap_or(self.code.len());
        self.code[..end].lines().count()
    }

    /// The names of the modules that only tests compile: `tests` of `#[cfg(test)] mod tests`.
    pub(super) fn test_modules(&self) -> Vec<String> {
        let items = test_items(&self.code);
        let name = |item: Range<usize>| {
            let head = self.code[item].split('{').next()?;
            let mut words = words(head).map(|(_, word)| word);
            words.find(|word| *word == "mod")?;
            words.next().map(str::to_owned)
        };
        items.into_iter().filter_map(name).collect()
    }

    /// Blanks out the items that only tests compile, so that rules do not see them.
    pub(super) fn blank_tests(&mut self) {
        let items = test_items(&self.code);
        let mut code = std::mem::take(&mut self.code).into_bytes();
        for item in items {
            spaces(&mut code[item]);
        }
        self.code = String::from_utf8(code).expect("an item is replaced as a whole");
    }

    /// The identifiers in the code, with their positions.
    pub(super) fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        words(&self.code)
    }
}

/// The identifiers in a piece of code, with their positions.
pub(super) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + code[rest..].find(is_word)?;
        let length = code[start..].find(|c| !is_word(c));
        rest = length.map_or(code.len(), |length| start + length);
        Some((start, &code[start..rest]))
    })
}

/// Where the items are that only tests compile, with their attributes.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for attribute in ["#[cfg(test)]", "#[cfg(all(test,"] {
        for (at, _) in code.match_indices(attribute) {
            items.push(at..at + item_length(&code[at..]));
        }
    }
    items
}

/// The length of an item with its attributes: up to its `;`, or to the end of its braces.
pub(super) fn item_length(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        // A field ends with the braces around it.
        if depth < 0 {
            return at;
        }
        if depth == 0 && (c == ';' || c == '}') {
            return at + 1;
        }
    }
    code.len()
}

fn blank(text: &str) -> String {
    let mut code = text.as_bytes().to_vec();
    let mut at = 0;
    while at < code.len() {
        let (hidden, next) = token(text, at);
        spaces(&mut code[hidden]);
        at = next;
    }
    String::from_utf8(code).expect("a comment or string is replaced as a whole")
}

/// Puts spaces in the place of everything but line ends.
fn spaces(code: &mut [u8]) {
    for byte in code {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// What to blank out at this position, and where to continue.
fn token(text: &str, at: usize) -> (Range<usize>, usize) {
    let rest = &text[at..];
    if rest.starts_with("//") {
        let end = at + rest.find('\n').unwrap_or(rest.len());
        return (at..end, end);
    }
    if rest.starts_with("/*") {
        let end = at + block_comment(rest);
        return (at..end, end);
    }
    if let Some((open, length)) = string(rest) {
        return (
            at + open..at + length.saturating_sub(1).max(open),
            at + length,
        );
    }
    // The `r` of a raw string counts only at the beginning of a word, so words are skipped as a
    // whole.
    let first = rest.chars().next().expect("there is more text");
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let length = if word(first) {
        rest.find(|c| !word(c)).unwrap_or(rest.len())
    } else {
        first.len_utf8()
    };
    (at..at, at + length)
}

/// The length of a block comment, including nested ones.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The lengths of a literal's opening and of the whole literal, if one begins here.
fn string(text: &str) -> Option<(usize, usize)> {
    let prefix = text.len() - text.trim_start_matches(['b', 'c', 'r']).len();
    let (prefix, body) = text.split_at(prefix.min(2));
    if prefix.contains('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        if body[hashes..].starts_with('"') {
            let open = prefix.len() + hashes + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            let end = text[open..]
                .find(&close)
                .map_or(text.len(), |at| open + at + close.len());
            return Some((open, end));
        }
        return None;
    }
    if body.starts_with('"') {
        let open = prefix.len() + 1;
        return Some((open, open + escaped(&text[open..], b'"')));
    }
    let open = prefix.len() + 1;
    let mut chars = body.strip_prefix('\'')?.chars();
    // `'a` without a quote behind it is a lifetime.
    match (chars.next()?, chars.next()?) {
        ('\\', _) => Some((open, open + escaped(&text[open..], b'\''))),
        (one, '\'') => Some((open, open + one.len_utf8() + 1)),
        _ => None,
    }
}

/// The length up to and including the closing quote.
fn escaped(text: &str, quote: u8) -> usize {
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' {
            bytes.next();
        } else if byte == quote {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str) {
        assert_eq!(blank(text), code);
    }

    #[test]
    fn comments_and_strings_are_blanked_and_code_is_kept() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"f("a\"b", c)"#, r#"f("    ", c)"#);
        check("x(r#\"a\"b\"#)", "x(r#\"    #)");
        check("g('\"', 'x', '\\'')", "g(' ', ' ', '  ')");
        check("b\"ab\"", "b\"  \"");
    }

    #[test]
    fn lifetimes_and_words_with_an_r_are_code() {
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("bar(\"x\")", "bar(\" \")");
        check("for r in br {}", "for r in br {}");
    }

    #[test]
    fn items_that_only_tests_compile_are_blanked() {
        let text = "#[cfg(test)]\nmod checks;\n#[cfg(test)]\nuse a::{b, c};\nfn f() {}\n\
                    #[cfg(all(test, unix))]\npub(crate) mod tests { fn g() { mod_h(); } }\n\
                    struct S {\n#[cfg(test)]\nx: [u8; 4] }\n#[cfg(unix)] fn kept() {}";
        let mut source = Source::new("x.rs".to_owned(), text.to_owned());
        assert_eq!(source.test_modules(), ["checks", "tests"]);
        source.blank_tests();
        let words: Vec<_> = source.words().map(|(_, word)| word).collect();
        assert_eq!(
            words,
            ["fn", "f", "struct", "S", "cfg", "unix", "fn", "kept"]
        );
        assert_eq!(source.code.len(), text.len());
    }

    #[test]
    fn lines_are_counted_up_to_the_tests() {
        let text = "//! Doc.\nfn f() {}\n\n#[cfg(test)]\nmod tests {\n}\n";
        let source = Source::new("x.rs".to_owned(), text.to_owned());
        assert_eq!(source.lines_before_tests(), 3);
        assert_eq!(
            source
                .words()
                .map(|(_, word)| word)
                .take(2)
                .collect::<Vec<_>>(),
            ["fn", "f"]
        );
    }
}
