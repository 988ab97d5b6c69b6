//! Reads strings, in all ways of quoting them.

use super::reader::{Quotes, Reader, is_quote};

/// How many bytes behind a string the next key is looked for.
const FARTHEST_KEY: usize = 64;
/// The most digits of a character's number.
const MOST_DIGITS: usize = 6;

/// Decodes the inside of a JSON string, all of it. Half a surrogate pair becomes U+FFFD, because
/// JSON can write it and a Rust string can't hold it.
pub(crate) fn unescaped(inner: &str) -> String {
    let mut out = String::new();
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = escape(rest, &mut out);
        rest = &rest[used..];
    }
    out.push_str(rest);
    out
}

impl Reader<'_> {
    /// Reads the string that begins here and those joined to it: `"a" + "b"`, and Python's `"a"
    /// "b"`.
    pub(super) fn joined_string(&mut self, quote: char) -> String {
        let mut text = self.string(quote);
        loop {
            let end = self.cursor.at();
            self.cursor.skip(true);
            let has_plus = self.cursor.rest().starts_with('+');
            if has_plus {
                self.cursor.step(1);
                self.cursor.skip(true);
            }
            let Some(quote) = self.cursor.peek().filter(|c| is_quote(*c)) else {
                self.cursor.go_to(end);
                return text;
            };
            self.doubts.strings |= !has_plus;
            if !has_plus && self.quotes == Quotes::Fitting {
                self.cursor.go_to(end);
                return text;
            }
            let more = self.string(quote);
            self.cursor.skip(true);
            if !has_plus && self.cursor.peek() == Some(':') {
                // This is the next key; the comma before it is missing.
                self.cursor.go_to(end);
                return text;
            }
            text.push_str(&more);
        }
    }

    /// Reads a string with one of Python's prefixes.
    pub(super) fn prefixed_string(&mut self, prefix: &str) -> String {
        let start = self.cursor.at();
        let quote = self.cursor.peek().unwrap_or('"');
        let text = self.string(quote);
        if !prefix.contains(['r', 'R']) {
            return text;
        }
        let marks: &[char] = &['"', '\''];
        self.cursor.since(start).trim_matches(marks).to_owned()
    }

    /// Reads the string that begins here with this quote.
    pub(super) fn string(&mut self, quote: char) -> String {
        let triple: String = [quote; 3].iter().collect();
        if self.cursor.rest().starts_with(&triple) && quote != '`' {
            return self.long_string(&triple);
        }
        self.cursor.step(quote.len_utf8());
        let mut out = String::new();
        loop {
            let rest = self.cursor.rest();
            let Some(at) = rest.find(|c| c == '\\' || closes(quote, c)) else {
                self.cursor.go_to_end();
                out.push_str(rest);
                return out;
            };
            out.push_str(&rest[..at]);
            self.cursor.step(at);
            let rest = &rest[at..];
            if rest.starts_with('\\') {
                self.escape(rest, &mut out);
                continue;
            }
            let end = rest.chars().next().unwrap_or(quote);
            self.cursor.step(end.len_utf8());
            if self.is_over() {
                return out;
            }
            out.push(end);
        }
    }

    fn escape(&mut self, rest: &str, out: &mut String) {
        // JSON5 joins the lines, other languages keep them apart.
        let continues = rest.starts_with("\\\n");
        self.doubts.strings |= continues;
        if continues && self.quotes == Quotes::Fitting {
            out.push('\n');
        }
        self.cursor.step(escape(rest, out));
    }

    /// Reads a string between triple quotes.
    fn long_string(&mut self, quotes: &str) -> String {
        let inner = &self.cursor.rest()[quotes.len()..];
        let end = inner.find(quotes);
        self.cursor
            .step(quotes.len() + end.map_or(inner.len(), |end| end + quotes.len()));
        unescaped(&inner[..end.unwrap_or(inner.len())])
    }

    /// Whether the quote that was just read ends its string.
    fn is_over(&mut self) -> bool {
        let behind = self.cursor.rest().trim_start();
        let next = behind.chars().next();
        let fits = next.is_none_or(|c| matches!(c, ',' | ':' | '}' | ']' | ')' | '/' | '+' | ';'));
        match self.quotes {
            Quotes::First => {
                self.doubts.strings |= !fits && !next.is_some_and(|c| matches!(c, '=' | '#'));
                true
            }
            Quotes::Fitting => fits || next.is_some_and(|c| is_quote(c) || c.is_ascii_digit()),
            Quotes::Last => is_end(behind),
        }
    }
}

/// Whether this text can only follow a string: the next field, or brackets that close everything.
fn is_end(behind: &str) -> bool {
    let blank = |c: char| c.is_whitespace();
    match behind.chars().next() {
        None | Some(':') => true,
        Some('}' | ']' | ')') => {
            let outside = |c: char| c.is_whitespace() || matches!(c, '}' | ']' | ')');
            let rest = behind.trim_start_matches(outside);
            rest.is_empty() || rest.starts_with([',', '`'])
        }
        Some(',') => {
            let next = behind[1..].trim_start_matches(blank);
            let mut key = next.chars().take(FARTHEST_KEY);
            let is_named = |c: char| is_quote(c) || c.is_alphanumeric() || matches!(c, '_' | '-');
            key.find(|c| !is_named(*c) && !blank(*c)) == Some(':') || next.starts_with(['}', ']'])
        }
        Some(_) => false,
    }
}

fn closes(open: char, c: char) -> bool {
    match open {
        '"' | '\'' | '`' => c == open,
        '“' | '”' | '„' => matches!(c, '"' | '“' | '”' | '„'),
        _ => matches!(c, '\'' | '`' | '´' | '‘' | '’'),
    }
}

/// Decodes the escape at the front of `rest` and returns its length. An escape that is cut off by
/// the end of the text decodes to nothing.
fn escape(rest: &str, out: &mut String) -> usize {
    let Some(letter) = rest[1..].chars().next() else {
        return 1;
    };
    let plain = match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'u' => return unicode(rest, out),
        'x' => return by_digits(rest, 2, 2, 16, out),
        '0'..='7' => return by_digits(rest, 1, 3, 8, out),
        '\n' => return 2,
        other => other,
    };
    out.push(plain);
    1 + letter.len_utf8()
}

fn unicode(rest: &str, out: &mut String) -> usize {
    if let Some((letter, used)) = braced(rest) {
        out.push(letter);
        return used;
    }
    let Some(high) = code_unit(rest) else {
        return cut_or_letter(rest, out);
    };
    let low = code_unit(&rest[6..]);
    let pair = [high, low.unwrap_or_default()];
    if let (0xd800..0xdc00, Some(Ok(letter))) = (high, char::decode_utf16(pair).next()) {
        out.push(letter);
        return 12;
    }
    out.push(char::from_u32(high.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
    6
}

/// Decodes JavaScript's `\u{1f600}`. Returns the character and the escape's length.
fn braced(rest: &str) -> Option<(char, usize)> {
    let inner = rest.strip_prefix("\\u{")?;
    let digits = inner.bytes().take_while(u8::is_ascii_hexdigit);
    let count = digits.take(MOST_DIGITS).count();
    let code = u32::from_str_radix(&inner[..count], 16).ok()?;
    let is_closed = inner[count..].starts_with('}');
    let letter = char::from_u32(code).filter(|_| is_closed)?;
    Some((letter, "\\u{}".len() + count))
}

/// The number of a `\u` escape with four digits.
fn code_unit(rest: &str) -> Option<u16> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16)
        .ok()
        .filter(|_| is_hexadecimal)
}

/// Handles an escape with too few digits. At the end of the text it was cut off; elsewhere it is no
/// escape.
fn cut_or_letter(rest: &str, out: &mut String) -> usize {
    let digits = rest[2..].bytes().take_while(u8::is_ascii_hexdigit).count();
    if 2 + digits == rest.len() {
        return rest.len();
    }
    out.push_str(&rest[1..2]);
    2
}

fn by_digits(rest: &str, skip: usize, most: usize, base: u32, out: &mut String) -> usize {
    let is_digit = |c: &char| c.is_digit(base);
    let count = rest[skip..].chars().take(most).take_while(is_digit).count();
    let code = u32::from_str_radix(&rest[skip..skip + count], base).ok();
    match code.and_then(char::from_u32) {
        Some(letter) => {
            out.push(letter);
            skip + count
        }
        None => cut_or_letter(rest, out),
    }
}
