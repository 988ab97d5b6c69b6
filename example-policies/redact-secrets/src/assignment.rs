//! Tells an assigned secret from a text that only stands where a secret could.

use std::ops::Range;

/// Ends of names that say something about a secret but do not hold it.
const ABOUT: [&str; 26] = [
    "id", "ids", "name", "names", "url", "uri", "path", "file", "type", "ref", "field", "label",
    "arn", "expiry", "expires", "ttl", "length", "size", "count", "limit", "prefix", "hash",
    "regex", "pattern", "policy", "version",
];

/// Words in values that only mark the place of a secret.
const STAND_INS: [&str; 14] = [
    "your",
    "example",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "redacted",
    "replace",
    "insert",
    "xxxx",
    "****",
    "....",
    "none",
];

/// Default passwords, which nobody keeps secret.
const KNOWN_TO_ALL: [&str; 16] = [
    "password", "passwd", "pass", "pwd", "pw", "secret", "admin", "root", "user", "username",
    "postgres", "mysql", "guest", "test", "token", "key",
];

/// The parts of an assignment.
struct Assigned<'a> {
    name: &'a str,
    value: Range<usize>,
    is_quoted: bool,
    is_call: bool,
}

/// The place of the secret in an assignment, if its value looks like one.
pub(crate) fn secret_in(text: &str, min_entropy: f64) -> Option<Range<usize>> {
    let assigned = take_apart(text)?;
    let value = &text[assigned.value.clone()];
    let is_about = names_something_else(assigned.name);
    if assigned.is_call || is_about || is_stand_in(value) || is_reference(value) || is_words(value)
    {
        return None;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_secret = match assigned.is_quoted {
        true => digits >= 1 && letters >= 1 && entropy(value) >= min_entropy,
        // Without quotes it may just as well be code: `token = base64Token2`.
        false => {
            !is_field(value)
                && digits >= 2
                && letters >= 2
                && entropy(value) >= min_entropy.max(3.0)
        }
    };
    is_secret.then_some(assigned.value)
}

/// The place of the password in `://user:password@h`, if it is one.
pub(crate) fn password_in(text: &str) -> Option<Range<usize>> {
    let start = 3 + text[3..].find(':')? + 1;
    let end = start + text[start..].find('@')?;
    let (user, password) = (&text[3..start - 1], &text[start..end]);
    is_password(user, password).then_some(start..end)
}

fn take_apart(text: &str) -> Option<Assigned<'_>> {
    let is_quote = |char: char| matches!(char, '"' | '\'' | '`' | '\\');
    let is_between = |char: char| matches!(char, ' ' | '\t') || is_quote(char);
    let name_end = text.find(|char: char| is_between(char) || matches!(char, ':' | '='))?;
    let sign = name_end + text[name_end..].find([':', '='])?;
    let sign_end = match &text[sign..] {
        rest if rest.starts_with(":=") || rest.starts_with("=>") => sign + 2,
        _ => sign + 1,
    };
    let value = text[sign_end..].trim_start_matches(is_between);
    let start = text.len() - value.len();
    let is_quoted = text[sign_end..start].contains(is_quote);
    let is_call = !is_quoted && value.ends_with(['(', '[']);
    let end = text.trim_end_matches(is_quote).len() - usize::from(is_call);
    Some(Assigned {
        name: &text[..name_end],
        value: start..end,
        is_quoted,
        is_call,
    })
}

fn is_password(user: &str, password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    !KNOWN_TO_ALL.contains(&lower.as_str())
        && password != user
        && !password.bytes().all(|byte| byte.is_ascii_digit())
        && !is_stand_in(password)
        && !is_reference(password)
}

/// Whether a text only shows the form of a secret, as documentation does: one letter, repeated. In
/// long keys such runs are natural.
pub(crate) fn is_blank_form(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_stretch = |group: &[u8]| group.len() >= 8;
    bytes.len() < 300 && bytes.chunk_by(|one, other| one == other).any(is_stretch)
}

fn names_something_else(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_last_word = |about: &str| {
        let Some(start) = lower.strip_suffix(about).map(str::len) else {
            return false;
        };
        let starts_word = name[start..].starts_with(|char: char| char.is_ascii_uppercase())
            && !name[..start].ends_with(|char: char| char.is_ascii_uppercase());
        starts_word || name[..start].ends_with(['_', '-'])
    };
    ABOUT.iter().any(|about| is_last_word(about))
}

fn is_stand_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    holds_one_of(&lower, &STAND_INS) || is_repeated(&lower)
}

/// Whether a short text contains one of a few words. Preparing a search for each would cost more.
fn holds_one_of(text: &str, words: &[&str]) -> bool {
    let begins = |rest: &[u8]| words.iter().any(|word| rest.starts_with(word.as_bytes()));
    (0..text.len()).any(|at| begins(&text.as_bytes()[at..]))
}

fn is_repeated(value: &str) -> bool {
    let first = value.bytes().next();
    value.bytes().all(|byte| Some(byte) == first)
}

/// Whether a value names the place of the secret: a variable, a template, a path, a URL.
fn is_reference(value: &str) -> bool {
    let starts = [
        "$", "%", "{", "<", "[", "/", "./", "~", "@", "&", "*", "process.", "os.", "env.",
    ];
    let contains = ["${", "{{", "://", "::", "->", "()"];
    starts.iter().any(|start| value.starts_with(start)) || holds_one_of(value, &contains)
}

/// Whether a value is a field: `config.db.token2`. Its parts are short names, unlike those of a
/// token.
fn is_field(value: &str) -> bool {
    let is_name = |step: &str| {
        step.len() < 20
            && step.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
            && step.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    value.contains('.') && value.split('.').all(is_name)
}

/// Whether a value is words with at most one number: `db-credentials-v2`, `AccessToken2`.
fn is_words(value: &str) -> bool {
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|char: char| char.is_ascii_digit());
        let number = word.len() - letters.len();
        let capitals = letters
            .bytes()
            .skip(1)
            .filter(u8::is_ascii_uppercase)
            .count();
        let plain = letters.bytes().all(|byte| byte.is_ascii_alphabetic());
        plain && number <= 4 && capitals * 4 <= letters.len()
    };
    let is_separator = |char: char| matches!(char, '-' | '_' | '.' | '/' | ':');
    let words: Vec<&str> = value.split(is_separator).collect();
    let numbers = words
        .iter()
        .filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()))
        .count();
    // One word with a number behind it is what people use as a password.
    let is_one_word = words.len() == 1 && !words[0].bytes().any(|b| b.is_ascii_uppercase());
    words.iter().all(|word| is_word(word)) && numbers <= 1 && !is_one_word
}

/// Shannon's entropy, in bits for each character.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[byte as usize] += 1;
    }
    let length = value.len() as f64;
    // A byte that occurs once adds nothing, and most do.
    let repeated = counts.iter().filter(|count| **count > 1);
    let repeated = repeated.map(|count| f64::from(*count) * f64::from(*count).log2());
    length.log2() - repeated.sum::<f64>() / length
}
