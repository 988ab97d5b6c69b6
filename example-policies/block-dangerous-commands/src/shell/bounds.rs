//! What may be parsed: neither stack nor fuel must run out on it.

/// The longest text that is parsed.
const LONGEST: usize = 32 * 1024;
/// Constructs open in each other.
const DEEPEST: usize = 40;
/// Substitutions open in each other: the parser reads each once more for every one around it.
const MOST_SUBSTITUTIONS: usize = 6;

/// The parser nests each command of a list in the next.
const MOST_COMMANDS: usize = 1_000;

/// Whether the parser can be trusted with this text.
pub(crate) fn is_within(text: &str) -> bool {
    text.len() <= LONGEST && !is_deep(text) && commands(text) <= MOST_COMMANDS
}

/// Counts openers against closers without regard to quotes: a bound, not a parse.
fn is_deep(text: &str) -> bool {
    let (mut open, mut substitutions) = (0usize, Vec::new());
    let mut before = ' ';
    let mut negations = 0usize;
    for c in text.chars() {
        match c {
            '(' => {
                substitutions.push(matches!(before, '$' | '<' | '>'));
                open += 1;
            }
            ')' => {
                substitutions.pop();
                open = open.saturating_sub(1);
            }
            '{' | '[' => open += 1,
            '}' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        negations = match c {
            '!' | '~' | '-' | '+' | '`' | '\\' => negations + 1,
            c if c.is_whitespace() => negations,
            _ => 0,
        };
        let nested = substitutions.iter().filter(|is_one| **is_one).count();
        if open > DEEPEST || nested > MOST_SUBSTITUTIONS || is_too_long(negations) {
            return true;
        }
        before = c;
    }
    keywords(text) > DEEPEST
}

/// About how many commands there are, the lines of here-documents aside.
fn commands(text: &str) -> usize {
    let mut count = 0;
    let mut delimiter: Option<String> = None;
    for line in text.lines() {
        if let Some(end) = &delimiter {
            if line.trim_start_matches('\t') == end {
                delimiter = None;
            }
            continue;
        }
        count += 1 + line
            .chars()
            .filter(|c| matches!(c, ';' | '&' | '|'))
            .count();
        delimiter = document(line);
    }
    count
}

/// The delimiter of the here-document that begins behind the line.
fn document(line: &str) -> Option<String> {
    let (_, behind) = line.rsplit_once("<<")?;
    let behind = behind.trim_start_matches(['-', ' ']);
    let word = behind.split([' ', ';', '|', '&', ')', '>']).next()?;
    let delimiter: String = word
        .chars()
        .filter(|c| !matches!(c, '\'' | '"' | '\\'))
        .collect();
    let is_word = delimiter.starts_with(|c: char| c.is_alphabetic() || c == '_');
    is_word.then_some(delimiter)
}

/// Lines of dashes are common in what is printed; thousands of them are not.
fn is_too_long(run: usize) -> bool {
    run > 400
}

fn keywords(text: &str) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for word in text.split(|c: char| c.is_whitespace() || c == ';') {
        match word {
            "if" | "while" | "until" | "for" | "case" | "select" | "time" | "coproc" | "!" => {
                open += 1
            }
            "fi" | "done" | "esac" => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}
