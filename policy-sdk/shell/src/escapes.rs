//! Decodes the escapes of `$'…'`, `echo -e` and `printf`.

use crate::marks;

/// Returns the text with its escapes decoded.
pub(crate) fn decode(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(&escaped) = chars.get(at) else {
            out.push('\\');
            break;
        };
        at += 1;
        match escaped {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'e' | 'E' => out.push('\u{1b}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            'x' => at = number(&chars, at, 16, 2, &mut out),
            'u' => at = number(&chars, at, 16, 4, &mut out),
            'U' => at = number(&chars, at, 16, 8, &mut out),
            '0'..='7' => at = number(&chars, at - 1, 8, 3 + usize::from(escaped == '0'), &mut out),
            '\\' | '\'' | '"' | '?' => out.push(escaped),
            other => out.extend(['\\', other]),
        }
    }
    out
}

fn number(chars: &[char], from: usize, radix: u32, most: usize, out: &mut String) -> usize {
    let digits = chars[from..]
        .iter()
        .take(most)
        .map_while(|c| c.to_digit(radix));
    let (count, value) = digits.fold((0, 0u32), |(count, value), digit| {
        (count + 1, value.wrapping_mul(radix).wrapping_add(digit))
    });
    if count > 0 {
        let c = char::from_u32(value).filter(|c| !marks::is_mark(*c));
        out.push(c.unwrap_or('\u{FFFD}'));
    }
    from + count
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decode(r"\x72\155\n\u002f\'"), "rm\n/'");
        assert_eq!(decode(r"\0162m\q"), "rm\\q");
    }
}
