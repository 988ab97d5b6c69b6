//! Wildcards: `*` and `?` within one text.

/// Whether the pattern, with the wildcards `*` and `?`, matches the whole text. A pattern also
/// matches itself as a text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(b'?') => {
                p += 1;
                t += length(text[t]);
            }
            Some(&c) if c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// The length in bytes of the character that begins with this byte.
fn length(first: u8) -> usize {
    match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks_match() {
        for (pattern, text) in [
            ("*", ""),
            ("*.pyc", "a.pyc"),
            ("a?c", "abc"),
            ("a?c", "aéc"),
            ("a*b*c", "aXbbYc"),
            ("*é?", "aéé🤖"),
            ("*.egg-info", "*.egg-info"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "ab"),
            ("*.pyc", "a.py"),
            ("?", ""),
            ("??", "é"),
            ("dist", "dist*"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
