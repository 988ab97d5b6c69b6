//! Follows calls of an agent's own tools in a script: `terminal("ls")`,
//! `tools.exec_command(cmd="ls")`.

use super::tokens::Token;
use super::values::{self, Argument};
use crate::halt::Outcome;
use crate::runner::Runner;

/// The arguments in which such tools take a command.
const FIELDS: &[&str] = &[
    "command",
    "cmd",
    "commands",
    "script",
    "code",
    "input",
    "chars",
    "argv",
    "args",
    "command_line",
    "shell_command",
];

/// Whether a function of this name is such a tool. Its qualifiers do not matter.
pub(super) fn is_tool(name: &str, runner: &dyn Runner) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    runner.tools().contains(&last)
}

/// Follows the command that a tool call runs, given the tokens between its parentheses. The command
/// is its first unnamed argument, or the arguments whose names mean a command.
pub(super) fn call(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let arguments = values::split(tokens);
    let mut is_first = true;
    for argument in arguments {
        match values::trimmed(argument) {
            [Token::Name(name), Token::Mark('='), value @ ..] => {
                if FIELDS.contains(&name.as_str()) {
                    run(value, runner)?;
                }
            }
            [Token::Mark('{'), fields @ .., Token::Mark('}')] => object(fields, runner)?,
            // `**{"command": …}`.
            [
                Token::Mark('*'),
                Token::Mark('*'),
                Token::Mark('{'),
                fields @ ..,
                Token::Mark('}'),
            ] => {
                object(fields, runner)?;
            }
            value => {
                if is_first {
                    run(value, runner)?;
                }
                is_first = false;
            }
        }
    }
    Ok(())
}

fn object(fields: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    for field in values::split(fields) {
        if let [
            Token::Name(name) | Token::Text(name),
            Token::Mark(':'),
            value @ ..,
        ] = values::trimmed(field)
            && FIELDS.contains(&name.as_str())
        {
            run(value, runner)?;
        }
    }
    Ok(())
}

fn run(value: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    match values::read(value, runner)? {
        Argument::Text(texts) => texts.iter().try_for_each(|text| runner.run(text)),
        Argument::List(elements) => {
            let words: Vec<String> = elements
                .into_iter()
                .filter_map(|texts| texts.into_iter().next())
                .collect();
            match words.as_slice() {
                [line] => runner.run(line),
                // Each line is for a shell, if they look like commands.
                lines if lines.iter().all(|line| line.contains(' ')) => {
                    lines.iter().try_for_each(|line| runner.run(line))
                }
                words => runner.start(words, None).map(drop),
            }
        }
        Argument::Other => Ok(()),
    }
}
