//! Brace expansion: `{a,b}` and `{1..3}`.

use super::extent;

/// The most words that one word may expand to.
const MOST: usize = 64;

/// Returns the words that a word expands to.
pub(super) fn expand(word: &str) -> Vec<String> {
    if !word.contains('{') {
        return vec![word.to_owned()];
    }
    let mut done = Vec::new();
    let mut open = vec![word.chars().collect::<Vec<char>>()];
    while let Some(chars) = open.pop() {
        match first_group(&chars) {
            Some((from, to, items)) if done.len() + open.len() + items.len() <= MOST => {
                for item in items.iter().rev() {
                    open.push([&chars[..from], item, &chars[to..]].concat());
                }
            }
            _ => done.push(chars.iter().collect()),
        }
    }
    done
}

/// Finds the first group that expands. Returns where it begins and ends, and its items.
fn first_group(chars: &[char]) -> Option<(usize, usize, Vec<Vec<char>>)> {
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '{' => {
                if let Some((end, items)) = group(chars, at + 1) {
                    return Some((at, end, items));
                }
            }
            _ => at = skip(chars, at)?,
        }
        at += 1;
    }
    None
}

/// Returns the last index of the part at `at`. A quoted part or a substitution counts as one.
fn skip(chars: &[char], at: usize) -> Option<usize> {
    match (chars[at], chars.get(at + 1)) {
        ('\\', _) => Some(at + 1),
        ('\'', _) => extent::single(chars, at + 1),
        ('"', _) => extent::double(chars, at + 1),
        ('`', _) => extent::backtick(chars, at + 1),
        ('$', Some('\'')) => extent::ansi(chars, at + 2),
        ('$', Some('{')) => extent::brace(chars, at + 2),
        ('$' | '<' | '>', Some('(')) => extent::paren(chars, at + 2),
        _ => Some(at),
    }
}

/// Returns the index behind a group's `}`, and its items.
fn group(chars: &[char], from: usize) -> Option<(usize, Vec<Vec<char>>)> {
    let mut items = Vec::new();
    let (mut at, mut start, mut depth) = (from, from, 0usize);
    while at < chars.len() {
        match chars[at] {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(chars[start..at].to_vec());
                let items = match items.as_slice() {
                    [only] => range(only)?,
                    _ => items,
                };
                return Some((at + 1, items));
            }
            ',' if depth == 0 => {
                items.push(chars[start..at].to_vec());
                start = at + 1;
            }
            c if c.is_whitespace() => return None,
            _ => at = skip(chars, at)?,
        }
        at += 1;
    }
    None
}

fn range(text: &[char]) -> Option<Vec<Vec<char>>> {
    let text: String = text.iter().collect();
    let mut parts = text.split("..");
    let (from, to) = (parts.next()?, parts.next()?);
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let (low, high) = (from.min(to), from.max(to));
        let high = high.min(low.saturating_add(8));
        return Some(
            (low..=high)
                .map(|n| n.to_string().chars().collect())
                .collect(),
        );
    }
    let letter = |text: &str| Some(text.chars().next()?).filter(|_| text.chars().count() == 1);
    let (from, to) = (letter(from)?, letter(to)?);
    Some((from.min(to)..=from.max(to)).map(|c| vec![c]).collect())
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn groups_make_words() {
        for (word, expected) in [
            ("a{b,c}d", &["abd", "acd"][..]),
            ("{a,{b,c}}", &["a", "b", "c"]),
            ("{1..3}", &["1", "2", "3"]),
            ("'{a,b}'", &["'{a,b}'"]),
            ("${X}{a,}", &["${X}a", "${X}"]),
            ("{}", &["{}"]),
            ("{a", &["{a"]),
        ] {
            assert_eq!(expand(word), expected, "{word}");
        }
    }
}
