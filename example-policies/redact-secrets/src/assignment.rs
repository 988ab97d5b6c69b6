//! Tells a secret that is assigned from what only stands where one could.

/// Ends of names that say something about a secret and do not hold it.
const ABOUT: [&str; 26] = [
    "id", "ids", "name", "names", "url", "uri", "path", "file", "type", "ref", "field", "label",
    "arn", "expiry", "expires", "ttl", "length", "size", "count", "limit", "prefix", "hash",
    "regex", "pattern", "policy", "version",
];

/// Words of values that only show where a secret goes.
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

/// Passwords that nobody keeps secret.
const KNOWN_TO_ALL: [&str; 16] = [
    "password", "passwd", "pass", "pwd", "pw", "secret", "admin", "root", "user", "username",
    "postgres", "mysql", "guest", "test", "token", "key",
];

/// Whether the value assigned to a name that ends in `tail` looks like a secret.
pub(crate) fn is_secret(tail: &str, value: &str, is_bare: bool, min_entropy: f64) -> bool {
    if names_something_else(tail) || is_stand_in(value) || is_reference(value) || is_words(value) {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    match is_bare {
        // Without quotes it may as well be code: `token = base64Token2`.
        true => digits >= 2 && letters >= 2 && entropy(value) >= min_entropy.max(3.0),
        false => digits >= 1 && letters >= 1 && entropy(value) >= min_entropy,
    }
}

/// Whether the password of a URL is one.
pub(crate) fn is_password(user: &str, password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    !KNOWN_TO_ALL.contains(&lower.as_str())
        && password != user
        && !password.bytes().all(|byte| byte.is_ascii_digit())
        && !is_stand_in(password)
        && !is_reference(password)
}

/// Whether a text only shows the form of a secret, as documentation does: a stretch of one letter
/// over and over. Long keys can hold such by nature.
pub(crate) fn is_blank_form(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_stretch = |group: &[u8]| group.len() >= 8;
    bytes.len() < 300 && bytes.chunk_by(|one, other| one == other).any(is_stretch)
}

fn names_something_else(tail: &str) -> bool {
    let tail = tail.to_ascii_lowercase();
    ABOUT.iter().any(|about| tail.ends_with(about))
}

fn is_stand_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    STAND_INS.iter().any(|word| lower.contains(word)) || is_repeated(&lower)
}

fn is_repeated(value: &str) -> bool {
    let first = value.bytes().next();
    value.bytes().all(|byte| Some(byte) == first)
}

/// Whether a value says where the secret is: a variable, a template, a path, a field of an object.
fn is_reference(value: &str) -> bool {
    let starts = [
        "$", "%", "{", "<", "[", "/", "./", "~", "@", "&", "*", "process.", "os.", "env.",
    ];
    let contains = ["${", "{{", "://", "::", "->", "()"];
    let is_path = |value: &str| {
        let mut steps = value.split('.');
        let is_name = |step: &str| {
            step.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
                && step.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        // Two dots or more and short steps: `config.db.token2`, not the parts of a token.
        value.contains('.') && steps.all(|step| is_name(step) && step.len() < 20)
    };
    starts.iter().any(|start| value.starts_with(start))
        || contains.iter().any(|part| value.contains(part))
        || is_path(value)
}

/// Whether a value is words with at most a number: `db-credentials-v2`, `AccessToken2`.
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
    // One word alone with a number behind it is what people take for a password.
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
    let bits = |count: &u32| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}
