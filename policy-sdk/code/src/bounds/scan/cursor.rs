//! A position in a source, and what is stepped over there: names, comments, strings, regular
//! expressions.

/// A position in a source.
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            text: source.as_bytes(),
            at: 0,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The source from here on.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// The byte so far ahead, or 0 behind the end.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Steps over so many bytes.
    pub(super) fn step(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Steps over a name or a number, and returns it.
    pub(super) fn name(&mut self) -> &'a [u8] {
        let start = self.at;
        while is_of_name(self.peek(0)) {
            // `\u{65}` is part of a name.
            if self.peek(0) == b'\\' && self.peek(2) == b'{' {
                self.at += 2;
                while !self.is_at_end() && self.peek(0) != b'}' && self.peek(0) != b'\n' {
                    self.at += 1;
                }
            }
            self.at = (self.at + 1).min(self.text.len());
        }
        &self.text[start..self.at]
    }

    /// Steps over a comment that ends with its line. Returns whether it had its line end in it.
    pub(super) fn line(&mut self) -> bool {
        while !matches!(self.peek(0), b'\n' | b'\r') && !self.is_at_end() {
            // Unicode's two line separators end a comment too.
            if self.rest().starts_with("\u{2028}".as_bytes())
                || self.rest().starts_with("\u{2029}".as_bytes())
            {
                self.at += 3;
                return true;
            }
            self.at += 1;
        }
        false
    }

    /// Steps over a comment that ends with its mark. Returns whether it had a line end in it.
    pub(super) fn comment(&mut self) -> bool {
        let mut has_line_end = false;
        self.at += 2;
        while !self.is_at_end() && !self.rest().starts_with(b"*/") {
            has_line_end |= self.peek(0) == b'\n';
            self.at += 1;
        }
        self.at = (self.at + 2).min(self.text.len());
        has_line_end
    }

    pub(super) fn string(&mut self, quote: u8) {
        self.at += 1;
        while !self.is_at_end() {
            match self.peek(0) {
                b'\\' => self.at += 1,
                b'\n' => return,
                c if c == quote => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.text.len();
    }

    /// Steps over the text of a template, to behind the mark that ends it or begins an expression in it.
    pub(super) fn template(&mut self) -> Template {
        while !self.is_at_end() {
            match self.peek(0) {
                b'\\' => self.at += 1,
                b'`' => {
                    self.at += 1;
                    return Template::Closed;
                }
                b'$' if self.peek(1) == b'{' => {
                    self.at += 2;
                    return Template::Expression;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.text.len();
        Template::CutOff
    }

    /// The length of the regular expression that would begin here.
    pub(super) fn regex(&self) -> Option<usize> {
        let mut is_class = false;
        let mut at = self.at + 1;
        loop {
            match *self.text.get(at)? {
                b'\n' | b'\r' => return None,
                b'\\' => at += 1,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => return Some(at + 1 - self.at),
                _ => {}
            }
            at += 1;
        }
    }
}

/// What the text of a template leads to.
pub(super) enum Template {
    /// Its end.
    Closed,
    /// An expression in it.
    Expression,
    /// The end of the source.
    CutOff,
}

/// Whether the byte may be part of a name or a number.
pub(super) fn is_of_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$' | b'#' | b'@' | b'\\') || c >= 0x80
}
