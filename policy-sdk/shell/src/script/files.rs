//! Follows writes of a script: `open(path, "w")`, `writeFileSync(path, text)`,
//! `Path(p).write_text(text)`.

use super::tokens::Token;
use super::values::Argument;
use crate::halt::Outcome;
use crate::language::Language;
use crate::marks;
use crate::runner::Runner;
use crate::writes::Way;

/// Words of Python that may be before a bracket and are no call.
const WORDS: &[&str] = &[
    "with", "in", "if", "elif", "while", "return", "yield", "and", "or", "not", "await",
];
/// How many tokens before a call its object is looked for.
const FARTHEST: usize = 100;

/// Follows a call that opens a file, and returns its path if it opens it for writing. `object` is the
/// object on which it is called. `has_flag` says that an argument is a flag for writing.
pub(super) fn open(
    language: Language,
    object: Option<&Argument>,
    arguments: &[Argument],
    has_flag: bool,
    runner: &mut dyn Runner,
) -> Outcome<Option<String>> {
    // `path.open("a")`.
    let own = texts(arguments.iter().take(1)).find(|text| is_write_mode(text));
    let is_method = language == Language::Python && object.is_some() && own.is_some();
    let given = texts(arguments.iter().skip(1)).find(|text| is_write_mode(text));
    let Some(mode) = given
        .or(own.filter(|_| is_method))
        .or(has_flag.then_some("w"))
    else {
        return Ok(None);
    };
    let way = if mode.contains('a') || mode.starts_with(">>") {
        Way::Append
    } else {
        Way::Replace
    };
    // Perl names a handle first, and may put mode and path in one argument.
    let paths: Vec<&Argument> = match (language, object) {
        (_, Some(object)) if is_method => vec![object],
        (Language::Perl, _) => arguments.iter().collect(),
        _ => arguments.iter().take(1).collect(),
    };
    let paths = texts(paths.into_iter()).map(|text| text.trim_start_matches(['>', '+', ' ']));
    let paths: Vec<String> = paths.map(str::to_owned).collect();
    for path in &paths {
        write(path, None, way, runner)?;
        if way == Way::Replace {
            // It is empty until something is said to it.
            let path = runner.scene().path(path);
            runner.scene_mut().store(&path, "".into(), false);
        }
    }
    Ok(paths.into_iter().next_back())
}

/// Whether it names a way to open a file that writes: `os.O_WRONLY`.
pub(super) fn is_write_flag(token: &Token) -> bool {
    const FLAGS: [&str; 5] = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC"];
    matches!(token, Token::Name(name) if FLAGS.iter().any(|flag| name.ends_with(flag)))
}

/// Follows a call that adds its argument to a file that is open.
pub(super) fn say(file: &str, arguments: &[Argument], runner: &mut dyn Runner) -> Outcome<()> {
    let text = arguments
        .first()
        .map_or_else(String::new, |argument| match argument {
            Argument::Text(texts) => texts.first().cloned().unwrap_or_default(),
            Argument::List(lines) => lines.iter().flatten().cloned().collect(),
            Argument::Other => marks::unknown(),
        });
    write(file, Some(&text), Way::Append, runner)
}

/// Follows a call that downloads to the file that its second argument names.
pub(super) fn download(arguments: &[Argument], runner: &mut dyn Runner) -> Outcome<()> {
    let content = marks::DOWNLOAD.to_string();
    let paths: Vec<String> = texts(arguments.iter().skip(1).take(1))
        .map(str::to_owned)
        .collect();
    let mut paths = paths.iter();
    paths.try_for_each(|path| write(path, Some(&content), Way::Replace, runner))
}

/// Follows a call that writes its second argument to its first.
pub(super) fn put(arguments: &[Argument], way: Way, runner: &mut dyn Runner) -> Outcome<()> {
    let content = texts(arguments.iter().skip(1)).next();
    let mut paths = texts(arguments.iter().take(1));
    paths.try_for_each(|path| write(path, content, way, runner))
}

/// Follows a call that makes the file in its second argument from its first.
pub(super) fn copy(arguments: &[Argument], runner: &mut dyn Runner) -> Outcome<()> {
    let content = texts(arguments.iter().take(1)).next();
    let content = content.and_then(|from| runner.scene().file(from).map(str::to_owned));
    let mut paths = texts(arguments.iter().skip(1).take(1));
    paths.try_for_each(|path| write(path, content.as_deref(), Way::Replace, runner))
}

/// Follows a call that writes its first argument to the path on which it is called.
pub(super) fn put_to_object(
    object: &Argument,
    arguments: &[Argument],
    runner: &mut dyn Runner,
) -> Outcome<()> {
    let content = texts(arguments.iter()).next();
    texts([object].into_iter()).try_for_each(|path| write(path, content, Way::Replace, runner))
}

/// The tokens of `Path("x").parent` in `Path("x").parent.`: what a call behind them is a method of.
pub(super) fn object(before: &[Token]) -> &[Token] {
    let [inner @ .., Token::Mark('.')] = before else {
        return &[];
    };
    let mut start = inner.len();
    while start > 0 && inner.len() - start < FARTHEST {
        let link = match &inner[..start] {
            [.., Token::Mark(')' | ']')] => bracketed(&inner[..start]),
            [.., Token::Name(_) | Token::Text(_)] => Some(start - 1),
            _ => None,
        };
        let Some(link) = link else {
            break;
        };
        start = link;
        match &inner[..start] {
            [.., Token::Name(name)]
                if inner[start] == Token::Mark('(') && !WORDS.contains(&name.as_str()) =>
            {
                start -= 1;
            }
            _ => {}
        }
        match &inner[..start] {
            [.., Token::Mark('.')] => start -= 1,
            _ => break,
        }
    }
    &inner[start..]
}

/// Where the brackets open that close at the end.
fn bracketed(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    let back = tokens.iter().rev().take(FARTHEST).position(|token| {
        match token {
            Token::Mark(')' | ']') => depth += 1,
            Token::Mark('(' | '[') => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    back.map(|back| tokens.len() - 1 - back)
}

fn texts<'a>(arguments: impl Iterator<Item = &'a Argument>) -> impl Iterator<Item = &'a str> {
    arguments
        .filter_map(|argument| match argument {
            Argument::Text(texts) => Some(texts),
            _ => None,
        })
        .flatten()
        .map(String::as_str)
}

fn is_write_mode(text: &str) -> bool {
    let is_mode = text.len() <= 3 && text.chars().all(|c| "rwabtx+>".contains(c));
    is_mode && text.contains(['w', 'a', 'x', '+', '>']) || text.starts_with('>')
}

fn write(target: &str, content: Option<&str>, way: Way, runner: &mut dyn Runner) -> Outcome<()> {
    if target.is_empty() {
        return Ok(());
    }
    let argv = [">".to_owned(), target.to_owned()];
    runner.write(&argv, target, content, way)
}
