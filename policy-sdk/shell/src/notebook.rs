//! Follows cells of notebooks: Python, with lines and blocks for a shell or another language.

use crate::halt::Outcome;
use crate::language::Language;
use crate::marks::UNKNOWN;
use crate::runner::Runner;
use crate::script;
use crate::writes::{Way, Write};

/// Follows a cell, line by line. Variables are set in `runner`, so give it one of its own.
///
/// A line inside a multi-line string of Python is followed too. Otherwise the author of the cell
/// could hide a command there.
pub(crate) fn follow(cell: &str, runner: &mut dyn Runner) -> Outcome<()> {
    let mut python = String::new();
    let mut rest = cell;
    while !rest.is_empty() {
        let (line, behind) = logical_line(rest);
        rest = behind;
        let escape = escape(line);
        if escape.is_some() {
            follow_python(&mut python, runner)?;
        }
        match escape {
            Some(Escape::Command(command)) => runner.run(&interpolated(command))?,
            Some(Escape::Folder(folder)) => enter(folder, runner)?,
            Some(Escape::Block(magic)) => {
                if block(magic, behind, runner)? {
                    return Ok(());
                }
            }
            None => {
                python.push_str(line);
                python.push('\n');
            }
        }
    }
    follow_python(&mut python, runner)
}

/// Returns the first line, including its continuations, and the rest.
fn logical_line(text: &str) -> (&str, &str) {
    let mut at = 0;
    loop {
        let Some(end) = text[at..].find('\n').map(|end| at + end) else {
            return (text, "");
        };
        if !text[..end].trim_end_matches('\r').ends_with('\\') {
            return (text[..end].trim_end_matches('\r'), &text[end + 1..]);
        }
        at = end + 1;
    }
}

/// What a line that is no Python is for.
enum Escape<'a> {
    /// `!command`, `%sx command`: a command for a shell.
    Command(&'a str),
    /// `%cd folder`: a change of the current folder.
    Folder(&'a str),
    /// `%%name`: sets what all lines behind it are for.
    Block(&'a str),
}

fn escape(line: &str) -> Option<Escape<'_>> {
    let line = line.trim_start();
    if let Some(magic) = line.strip_prefix("%%") {
        return Some(Escape::Block(magic));
    }
    // `files = !ls`, `a, b = %sx ls`.
    let line = match line.split_once('=') {
        Some((names, value)) if names.chars().all(is_of_names) => value.trim_start(),
        _ => line,
    };
    if let Some(command) = line.strip_prefix('!') {
        return Some(Escape::Command(command.trim_start_matches('!')));
    }
    let magic = line.strip_prefix('%')?;
    let (name, rest) = magic.split_once([' ', '\t']).unwrap_or((magic, ""));
    match name {
        "sx" | "system" | "sc" | "rm" | "mv" | "cp" | "rmdir" | "mkdir" | "man" | "cat" | "ls"
        | "ll" => Some(Escape::Command(match name {
            "sx" | "system" | "sc" => rest,
            _ => magic,
        })),
        "cd" | "pushd" => Some(Escape::Folder(rest.trim())),
        // One more statement follows, which may be for a shell.
        "time" | "timeit" | "prun" | "capture" => escape(rest),
        _ => None,
    }
}

fn is_of_names(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ' ' | ',' | '.' | '[' | ']' | '*')
}

fn enter(folder: &str, runner: &mut dyn Runner) -> Outcome<()> {
    let folder = runner.filled(&interpolated(folder))?;
    let target = Some(folder.as_str()).filter(|folder| !folder.is_empty());
    runner.scene_mut().enter(target);
    Ok(())
}

/// Returns a line with Python's `{name}` written as a shell's `${name}`. A longer expression
/// becomes unknown; `{a,b}` is the shell's own.
fn interpolated(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = behind.find('}').filter(|_| !before.ends_with('$')) else {
            out.push('{');
            rest = &behind[1..];
            continue;
        };
        let inside = &behind[1..end];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !inside.is_empty() && inside.chars().all(is_name) {
            out.extend(["${", inside, "}"]);
        } else if inside.contains(['(', '[', '\'', '"'])
            || inside.contains('.') && !inside.contains("..")
        {
            out.push(UNKNOWN);
        } else {
            out.push_str(&behind[..=end]);
        }
        rest = &behind[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Follows all lines behind `%%name …` if they are not Python. Returns whether it did.
fn block(magic: &str, body: &str, runner: &mut dyn Runner) -> Outcome<bool> {
    let mut words = magic.split_whitespace();
    let name = words.next().unwrap_or_default();
    match name {
        "!" | "bash" | "sh" | "zsh" | "sx" | "system" => runner.run(body)?,
        "script" => {
            let line: Vec<&str> = words.skip_while(|word| word.starts_with("--")).collect();
            runner.feed(&line.join(" "), body)?;
        }
        "writefile" | "file" => {
            let is_added = words.clone().any(|word| word == "-a" || word == "--append");
            let target = words.find(|word| !word.starts_with('-'));
            write(target.unwrap_or_default(), body, is_added, runner)?;
        }
        _ => match Language::run_by(name) {
            Some(language) if language != Language::Python => runner.evaluate(language, body)?,
            // `%%time`, `%%capture` and others change nothing about the cell's language.
            _ => return Ok(false),
        },
    }
    Ok(true)
}

fn write(target: &str, body: &str, is_added: bool, runner: &mut dyn Runner) -> Outcome<()> {
    let path = runner.scene().path(target);
    let write = Write {
        argv: &["%%writefile".to_owned(), target.to_owned()],
        target,
        path: &path,
        content: Some(body),
        way: if is_added { Way::Append } else { Way::Replace },
    };
    runner.sink().writes(runner.scene(), &write)?;
    runner.scene_mut().store(&path, body.into(), is_added);
    Ok(())
}

fn follow_python(python: &mut String, runner: &mut dyn Runner) -> Outcome<()> {
    if python.trim().is_empty() {
        python.clear();
        return Ok(());
    }
    let text = std::mem::take(python);
    script::follow(Language::Python, &text, runner)
}
