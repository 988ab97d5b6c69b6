//! Files that a script writes: `open(path, "w")`, `writeFileSync(path, text)`, `Path(p).write_text(text)`.

use super::tokens::Token;
use super::values::{self, Argument};
use crate::halt::Outcome;
use crate::language::Language;
use crate::runner::Runner;
use crate::writes::{Way, Write};

/// How far before a call the object is looked for, in tokens.
const FARTHEST: usize = 100;

/// Follows a call that opens a file, if it is to write to it.
pub(super) fn open(language: Language, arguments: &[Argument], runner: &dyn Runner) -> Outcome<()> {
    let Some(mode) = texts(arguments.iter().skip(1)).find(|text| is_write_mode(text)) else {
        return Ok(());
    };
    let way = if mode.contains('a') || mode.starts_with(">>") {
        Way::Append
    } else {
        Way::Replace
    };
    // Perl names a handle first, and may write mode and path in one.
    let paths = match language {
        Language::Perl => arguments,
        _ => arguments.get(..1).unwrap_or_default(),
    };
    let mut paths = texts(paths.iter()).map(|text| text.trim_start_matches(['>', '+', ' ']));
    paths.try_for_each(|path| write(path, None, way, runner))
}

/// Follows a call that writes the second of these to the first.
pub(super) fn put(arguments: &[Argument], way: Way, runner: &dyn Runner) -> Outcome<()> {
    let content = texts(arguments.iter().skip(1)).next();
    let mut paths = texts(arguments.iter().take(1));
    paths.try_for_each(|path| write(path, content, way, runner))
}

/// Follows a call that makes the second of these from the first.
pub(super) fn copy(arguments: &[Argument], runner: &dyn Runner) -> Outcome<()> {
    let content = texts(arguments.iter().take(1)).next();
    let content = content.and_then(|from| runner.scene().file(from));
    let mut paths = texts(arguments.iter().skip(1).take(1));
    paths.try_for_each(|path| write(path, content, Way::Replace, runner))
}

/// Follows a call that writes its first argument to the path that it is a method of: `name` is what the
/// call is written as, `before` are the tokens before that.
pub(super) fn put_to_object(
    name: &str,
    before: &[Token],
    arguments: &[Argument],
    runner: &mut dyn Runner,
) -> Outcome<()> {
    let object = match name.rsplit_once('.') {
        Some((object, _)) => values::read(&[Token::Name(object.to_owned())], runner)?,
        None => values::read(object(before), runner)?,
    };
    let content = texts(arguments.iter()).next();
    texts([&object].into_iter()).try_for_each(|path| write(path, content, Way::Replace, runner))
}

/// The tokens of `Path("x")` in `Path("x").`.
fn object(before: &[Token]) -> &[Token] {
    let [inner @ .., Token::Mark(')'), Token::Mark('.')] = before else {
        return &[];
    };
    let mut depth = 1usize;
    let open = inner.iter().rev().take(FARTHEST).position(|token| {
        match token {
            Token::Mark(')') => depth += 1,
            Token::Mark('(') => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let Some(open) = open.map(|back| inner.len() - 1 - back) else {
        return &[];
    };
    let is_call = matches!(inner[..open].last(), Some(Token::Name(_)));
    &inner[open - usize::from(is_call)..]
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

fn write(target: &str, content: Option<&str>, way: Way, runner: &dyn Runner) -> Outcome<()> {
    if target.is_empty() {
        return Ok(());
    }
    let write = Write {
        argv: &[">".to_owned(), target.to_owned()],
        target,
        path: &runner.scene().path(target),
        content,
        way,
    };
    runner.sink().writes(runner.scene(), &write)
}
