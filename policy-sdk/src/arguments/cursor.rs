//! A position in a text, and what can be stepped over without understanding it.

/// A position in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The number of bytes before this position, for [`go_to`](Self::go_to).
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn go_to_end(&mut self) {
        self.at = self.text.len();
    }

    /// Steps over so many bytes.
    pub(super) fn step(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// The text from an earlier position to this one.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Steps over an unquoted word, up to a character that ends it, and returns it. It has at least one
    /// character. `ends` gets the word so far, and the character behind it.
    pub(super) fn word(&mut self, ends: impl Fn(&str, char) -> bool) -> &'a str {
        let rest = self.rest();
        let mut characters = rest.char_indices().skip(1);
        let end = characters.find(|(at, c)| ends(&rest[..*at], *c));
        let end = end.map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest[..end].trim()
    }

    /// Steps over white space, control characters and comments.
    ///
    /// Where a value may stand, `#fff` is a value; there only `# fff` is a comment.
    pub(super) fn skip(&mut self, with_hashes: bool) {
        let hash = if with_hashes { "#" } else { "# " };
        loop {
            let rest = self.rest().trim_start_matches(is_blank);
            self.at = self.text.len() - rest.len();
            let comment = if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |at| at + 2)
            } else if rest.starts_with("//") || rest.starts_with(hash) {
                rest.find('\n').unwrap_or(rest.len())
            } else {
                return;
            };
            self.at += comment;
        }
    }

    /// Steps over an object or list with all that is in it, and returns it as it was written.
    pub(super) fn nested(&mut self) -> &'a str {
        let start = self.at;
        let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
        for byte in self.rest().bytes() {
            self.at += 1;
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' | b'(' if !in_string => depth += 1,
                b'}' | b']' | b')' if !in_string => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.since(start)
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}
