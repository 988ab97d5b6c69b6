//! Finds where a part of a word ends.

/// The index of the `)` that closes the `(` before `from`.
///
/// It takes account of quotes, comments, the patterns of `case`, and here-documents, whose text may
/// hold anything.
pub(super) fn paren(chars: &[char], from: usize) -> Option<usize> {
    let (mut at, mut depth, mut cases) = (from, 0usize, 0usize);
    let mut documents: Vec<Document> = Vec::new();
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '\'' => at = single(chars, at + 1)?,
            '"' => at = double(chars, at + 1)?,
            '`' => at = backtick(chars, at + 1)?,
            '#' if starts_word(chars, at) => at = line_end(chars, at) - 1,
            '<' if chars[at..].starts_with(&['<', '<', '<']) => at += 2,
            '<' if chars[at..].starts_with(&['<', '<']) && !in_arithmetic(chars, from) => {
                let (document, end) = Document::read(chars, at + 2);
                documents.push(document);
                at = end;
                continue;
            }
            '\n' => {
                for document in documents.drain(..) {
                    at = document.skip(chars, at);
                }
            }
            '(' => depth += 1,
            ')' if depth == 0 && cases > 0 => {}
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            'c' if is_word(chars, at, "case") => cases += 1,
            'e' if is_word(chars, at, "esac") => cases = cases.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index of the `'` that closes a quote.
pub(super) fn single(chars: &[char], from: usize) -> Option<usize> {
    (from..chars.len()).find(|&at| chars[at] == '\'')
}

/// The index of the `'` that closes a `$'`.
pub(super) fn ansi(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '\'' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index of the `"` that closes a quote.
pub(super) fn double(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '"' => return Some(at),
            '`' => at = backtick(chars, at + 1)?,
            '$' if chars.get(at + 1) == Some(&'(') => at = paren(chars, at + 2)?,
            '$' if chars.get(at + 1) == Some(&'{') => at = brace(chars, at + 2)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index of the backtick that closes a substitution.
pub(super) fn backtick(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '`' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index of the `}` that closes a `${`.
pub(super) fn brace(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    let mut depth = 0usize;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '\'' => at = single(chars, at + 1).unwrap_or(at),
            '"' => at = double(chars, at + 1)?,
            '`' => at = backtick(chars, at + 1)?,
            '$' if chars.get(at + 1) == Some(&'(') => at = paren(chars, at + 2)?,
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

fn in_arithmetic(chars: &[char], from: usize) -> bool {
    chars.get(from) == Some(&'(')
}

fn starts_word(chars: &[char], at: usize) -> bool {
    at == 0
        || matches!(
            chars[at - 1],
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')'
        )
}

fn is_word(chars: &[char], at: usize, word: &str) -> bool {
    starts_word(chars, at)
        && word
            .chars()
            .enumerate()
            .all(|(i, c)| chars.get(at + i) == Some(&c))
        && chars
            .get(at + word.len())
            .is_none_or(|c| c.is_whitespace() || matches!(c, ';' | ')'))
}

fn line_end(chars: &[char], from: usize) -> usize {
    (from..chars.len())
        .find(|&at| chars[at] == '\n')
        .unwrap_or(chars.len())
}

/// A here-document whose text begins on the next line.
struct Document {
    delimiter: String,
    is_indented: bool,
}

impl Document {
    fn read(chars: &[char], from: usize) -> (Self, usize) {
        let is_indented = chars.get(from) == Some(&'-');
        let mut at = from + usize::from(is_indented);
        while matches!(chars.get(at), Some(' ' | '\t')) {
            at += 1;
        }
        let mut delimiter = String::new();
        while let Some(&c) = chars.get(at) {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' | '"' | '\\' => {}
                other => delimiter.push(other),
            }
            at += 1;
        }
        let document = Self {
            delimiter,
            is_indented,
        };
        (document, at)
    }

    /// The index of the line feed, or of the end, behind the delimiter's line.
    fn skip(&self, chars: &[char], line_feed: usize) -> usize {
        let mut from = line_feed + 1;
        while from < chars.len() {
            let end = line_end(chars, from);
            let line: String = chars[from..end].iter().collect();
            let line = if self.is_indented {
                line.trim_start_matches('\t')
            } else {
                &line
            };
            if line == self.delimiter {
                return end;
            }
            from = end + 1;
        }
        chars.len()
    }
}
