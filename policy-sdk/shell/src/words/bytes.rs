//! What single bytes of a shell's text mean, where nothing else of it is understood.

/// What a byte may be in a text for a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter of a word.
    Plain,
    /// Stands between words, or around one, or before the last name of a path: a name may begin
    /// behind it.
    Within,
    /// Ends a command.
    End,
    /// Ends a command, or hands over what it prints.
    Pipe,
    /// `(`: ends a command, or begins the parameters of a function.
    Paren,
    /// `>`: what is behind it is written.
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

/// How many plain bytes the text begins with.
pub(super) fn plain(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| class(*byte) != Class::Plain);
    end.unwrap_or(text.len())
}

/// Whether the path goes on of which a name ends at `at`.
pub(super) fn goes_on(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'/') && text.get(at + 1).is_some_and(|c| class(*c) == Class::Plain)
}

/// Where the command ends of which these are the words behind the name, or the last of so many.
pub(super) fn run(text: &[u8], most: usize) -> usize {
    let mut words = 0;
    let mut was_space = true;
    let end = text.iter().position(|byte| {
        let is_space = byte.is_ascii_whitespace();
        words += usize::from(was_space && !is_space);
        was_space = is_space;
        words > most || matches!(class(*byte), Class::End | Class::Pipe | Class::Paren)
    });
    end.unwrap_or(text.len())
}

/// Whether a `#` begins a comment, given that a name could begin there.
pub(super) fn begins_comment(text: &[u8], at: usize) -> bool {
    match at.checked_sub(1).map(|before| text[before]) {
        // A line that goes on: the `#` is in the middle of a word.
        Some(b'\n') => at < 2 || !matches!(text[at - 2], b'\\' | b'\r'),
        Some(b' ' | b'\t' | b';' | b'&' | b'|' | b'(' | b')') | None => true,
        _ => false,
    }
}

/// How much of a comment can be left out: all of its line, unless something in it may end a quote that
/// was opened before, or run in one.
pub(super) fn comment(text: &str) -> usize {
    let line = text.split('\n').next().unwrap_or(text);
    let end = line
        .bytes()
        .position(|c| matches!(c, b'"' | b'\'' | b'`' | b'$' | b'\\'));
    // At the least the `#` itself.
    if end.is_some() { 1 } else { line.len().max(1) }
}

/// A redirection that writes.
pub(super) struct Redirection<'t> {
    /// The word behind it, as it stands there.
    pub(super) target: &'t str,
    pub(super) is_added: bool,
    pub(super) end: usize,
}

/// Reads what the `>` at `at` writes to; None where it is an arrow, a descriptor, or `/dev/null`.
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

/// The name before the `(` at `at`, and the body behind `(){`, where there is a pipe in its beginning.
pub(super) fn definition(text: &str, at: usize) -> Option<(&str, &str)> {
    /// How far the name and the body are looked at.
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
