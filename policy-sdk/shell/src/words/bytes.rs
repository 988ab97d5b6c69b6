//! The meaning of single bytes in a shell's text, when nothing else about it is known.

/// The kinds of bytes in a text for a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter of a word.
    Plain,
    /// Separates or surrounds words, or precedes the last name of a path: a name may begin behind
    /// it.
    Within,
    /// Ends a command.
    End,
    /// Ends a command, and may pass on its output.
    Pipe,
    /// `(`: ends a command, or begins a function's parameters.
    Paren,
    /// `>`: what follows is written.
    Into,
    /// `#`.
    Comment,
}

const CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut classes = [Class::Plain; 256];
    let mut at = 0;
    while at < 256 {
        classes[at] = match at as u8 {
            b' ' | b'\t' | b'\r' | 0x0B | 0x0C => Class::Within,
            b'"' | b'\'' | b'\\' | b'{' | b'}' | b'<' | b'/' => Class::Within,
            b';' | b'\n' | b'&' | b')' | b'`' => Class::End,
            b'|' => Class::Pipe,
            b'(' => Class::Paren,
            b'>' => Class::Into,
            b'#' => Class::Comment,
            _ => Class::Plain,
        };
        at += 1;
    }
    classes
}

pub(super) fn class(byte: u8) -> Class {
    CLASSES[byte as usize]
}

/// Whether a name may begin behind the byte at `at`, which is not plain. A byte in the middle of a
/// word is part of it, such as the quote in `X="rm -r"`. A list in a script has none around its
/// commas.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    let is_around = matches!(text[at], b'"' | b'\'' | b'\\' | b'{' | b'}' | b'<' | b'#');
    let before = at.checked_sub(1).map(|before| text[before]);
    !is_around || before.is_none_or(|c| class(c) != Class::Plain || matches!(c, b',' | b'['))
}

/// How many plain bytes begin the text.
pub(super) fn plain(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| class(*byte) != Class::Plain);
    end.unwrap_or(text.len())
}

/// Whether the path continues behind a name that ends at `at`.
pub(super) fn goes_on(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'/') && text.get(at + 1).is_some_and(|c| class(*c) == Class::Plain)
}

/// Where the command ends, given the text behind its name; at the latest behind `most` spaces.
pub(super) fn run(text: &[u8], most: usize) -> usize {
    let mut spaces = 0;
    let end = text.iter().position(|byte| match class(*byte) {
        Class::Plain => false,
        Class::End | Class::Pipe | Class::Paren => true,
        _ => {
            spaces += usize::from(*byte == b' ');
            spaces > most
        }
    });
    end.unwrap_or(text.len())
}

/// Whether a `#` begins a comment, given that a name could begin there.
pub(super) fn begins_comment(text: &[u8], at: usize) -> bool {
    match at.checked_sub(1).map(|before| text[before]) {
        // The line continues, so the `#` is in the middle of a word.
        Some(b'\n') => at < 2 || !matches!(text[at - 2], b'\\' | b'\r'),
        Some(b' ' | b'\t' | b';' | b'&' | b'|' | b'(' | b')') | None => true,
        _ => false,
    }
}

/// How much of a comment can be left out: the whole line, unless something in it may end a quote
/// that was opened before, or run inside one.
pub(super) fn comment(text: &str) -> usize {
    let line = text.split('\n').next().unwrap_or(text);
    let end = line
        .bytes()
        .position(|c| matches!(c, b'"' | b'\'' | b'`' | b'$' | b'\\'));
    // At least the `#` itself is left out.
    if end.is_some() { 1 } else { line.len().max(1) }
}

/// A redirection that writes to a file.
pub(super) struct Redirection<'t> {
    /// The word behind it, as written.
    pub(super) target: &'t str,
    pub(super) is_added: bool,
    pub(super) end: usize,
}

/// Reads the target of the `>` at `at`. Returns `None` for an arrow, a descriptor, or `/dev/null`.
pub(super) fn redirection(text: &str, at: usize) -> Option<Redirection<'_>> {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if matches!(before, Some(b'-' | b'=' | b'>')) {
        return None;
    }
    let mut from = at + 1;
    let is_added = bytes.get(from) == Some(&b'>');
    from += usize::from(is_added);
    from += usize::from(matches!(bytes.get(from), Some(b'|' | b'&' | b'!')));
    from += bytes[from..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let is_end = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(
                class(*byte),
                Class::End | Class::Pipe | Class::Paren | Class::Into
            )
            || *byte == b'<'
    };
    let length = bytes[from..].iter().position(is_end);
    let end = length.map_or(bytes.len(), |length| from + length);
    let target = &text[from..end];
    let is_descriptor = target.bytes().all(|c| c.is_ascii_digit() || c == b'-');
    (!is_descriptor && target != "/dev/null").then_some(Redirection {
        target,
        is_added,
        end,
    })
}

/// Returns the name before the `(` at `at`, and the body behind `(){`, if its beginning has a pipe.
pub(super) fn definition(text: &str, at: usize) -> Option<(&str, &str)> {
    /// How many bytes of the name and the body are looked at.
    const FAR: usize = 80;
    let bytes = text.as_bytes();
    let next = |from: usize| {
        let spaces = bytes[from..].iter().take(FAR);
        let at = from + spaces.take_while(|c| c.is_ascii_whitespace()).count();
        Some((at, *bytes.get(at)?))
    };
    let (close, byte) = next(at + 1)?;
    let (open, brace) = next(close + 1).filter(|_| byte == b')')?;
    let far = &bytes[open..text.len().min(open + FAR)];
    if brace != b'{' || !far.contains(&b'|') {
        return None;
    }
    let before = &text[text.ceil_char_boundary(at.saturating_sub(FAR))..at];
    let is_joint = |c: char| c.is_whitespace() || ";&|(){}\"'".contains(c);
    let name = before.trim_end().rsplit(is_joint).next()?;
    Some((name, &text[open + 1..text.floor_char_boundary(open + FAR)]))
}
