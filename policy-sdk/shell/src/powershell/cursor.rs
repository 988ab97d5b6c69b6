//! A position in the text of a PowerShell script.

/// How deeply constructs may be nested.
const DEEPEST: usize = 40;

/// Reads a text from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    is_too_deep: bool,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            is_too_deep: false,
        }
    }

    /// The text that is not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character behind the next.
    pub(crate) fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(crate) fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Skips this text if it comes next. Returns whether it did.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let is_next = self.starts(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    /// Reads characters as long as `is_like` holds.
    pub(crate) fn take_while(&mut self, is_like: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_like(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Skips this many bytes, to the beginning of a character.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Skips to the end of the text.
    pub(crate) fn end(&mut self) {
        self.at = self.text.len();
    }

    /// Returns the current position, for going back to it.
    pub(crate) fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a position a few characters before.
    pub(crate) fn back(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Skips spaces, comments, and line ends behind a backtick, but no other line ends.
    pub(crate) fn spaces(&mut self) {
        loop {
            self.take_while(is_space);
            if self.eat("`\r\n") || self.eat("`\n") {
                continue;
            }
            if self.starts("<#") {
                match self.rest().find("#>") {
                    Some(end) => self.at += end + 2,
                    None => self.end(),
                }
            } else if self.starts("#") {
                self.take_while(|c| c != '\n');
            } else {
                return;
            }
        }
    }

    /// Skips spaces, comments and line ends.
    pub(crate) fn blanks(&mut self) {
        self.spaces();
        while self.peek() == Some('\n') {
            self.next();
            self.spaces();
        }
    }

    /// Whether the text was nested too deeply to be read to its end.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.is_too_deep
    }

    /// Reads something one level deeper. If that is too deep, gives up the rest of the text.
    pub(crate) fn deeper<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth == DEEPEST {
            self.is_too_deep = true;
            self.end();
            return T::default();
        }
        self.depth += 1;
        let what = read(self);
        self.depth -= 1;
        what
    }
}

fn is_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\r' | '\u{a0}' | '\u{feff}' | '\u{b}' | '\u{c}'
    )
}

/// Whether a name may contain the character.
pub(crate) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether PowerShell accepts this dash as a hyphen.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―')
}
