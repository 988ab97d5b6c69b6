//! Bounds on what is parsed, so that neither the stack nor the fuel runs out.

/// The longest text that is parsed.
const LONGEST: usize = 32 * 1024;
/// How deeply constructs may be nested.
const DEEPEST: usize = 40;
/// How deeply substitutions may be nested: the parser reads each one again for every one around it.
const MOST_SUBSTITUTIONS: u32 = 6;
/// The most characters that the parser reads, counting a character each time it is read.
const HEAVIEST: usize = 64 * 1024;
/// The longest run of prefixes. Lines of dashes are common in printed text; longer runs are not.
const LONGEST_RUN: usize = 400;

/// The most commands. The parser nests each command of a list in the next.
const MOST_COMMANDS: usize = 1_000;

/// Whether the text is short enough to be parsed.
pub(super) fn is_short(text: &str) -> bool {
    text.len() <= LONGEST
}

/// Whether the text is within the bounds of the parser.
pub(super) fn is_within(text: &str) -> bool {
    is_short(text) && !is_deep(text) && commands(text) <= MOST_COMMANDS
}

/// Estimates the cost of parsing the text, in a shell's steps.
pub(super) fn cost(text: &str) -> usize {
    let expansions = text.bytes().filter(|c| *c == b'$').count();
    text.len() / 8 + 8 * commands(text) + expansions
}

/// Compares openers and closers, ignoring quotes. This is a bound, not a parse.
fn is_deep(text: &str) -> bool {
    let mut open = 0usize;
    let mut substitutions = Vec::new();
    let mut nested = 0u32;
    let mut weight = 0usize;
    let mut before = b' ';
    let mut run = 0usize;
    for c in text.bytes() {
        match c {
            b'(' => {
                let is_substitution = matches!(before, b'$' | b'<' | b'>');
                nested += u32::from(is_substitution);
                substitutions.push(is_substitution);
                open += 1;
            }
            b')' => {
                nested -= u32::from(substitutions.pop().unwrap_or(false));
                open = open.saturating_sub(1);
            }
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        run = match c {
            b'!' | b'~' | b'-' | b'+' | b'`' | b'\\' => run + 1,
            c if c.is_ascii_whitespace() => run,
            _ => 0,
        };
        if open > DEEPEST || nested > MOST_SUBSTITUTIONS || run > LONGEST_RUN {
            return true;
        }
        // The parser and the shell read a substitution again for each one around it.
        weight += 1 << (2 * nested);
        before = c;
    }
    weight > HEAVIEST || keywords(text) > DEEPEST
}

/// Estimates the number of commands, not counting the lines of here-documents.
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

/// The delimiter of the here-document that begins on the next line.
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
