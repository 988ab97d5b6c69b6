//! Wildcards: `*` and `?` within one text.

/// Whether the pattern, with `*` and `?` as wildcards, covers the whole text. A pattern covers itself,
/// wildcards and all.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
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
    pattern[p..].iter().all(|c| *c == '*')
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
            ("a*b*c", "aXbbYc"),
            ("*.egg-info", "*.egg-info"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("*.pyc", "a.py"), ("?", ""), ("dist", "dist*")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
