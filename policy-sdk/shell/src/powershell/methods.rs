//! Evaluates members of values, as far as they matter: texts, paths, files, processes.

use super::evaluate::code;
use super::files::Removal;
use super::follow::PowerShell;
use super::operators::{self, first};
use super::statics::Static;
use super::tree::Member;
use super::value::{Value, Values, is_false, one, texts, unknown};
use crate::halt::Outcome;
use crate::marks::{self, DOWNLOAD};
use crate::path::base_name;
use crate::writes::Way;

impl Member {
    /// Returns the value of the member, or of a call of it.
    pub(super) fn value(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let of = self.of.value(shell)?;
        let Some(arguments) = &self.arguments else {
            return Ok(property(&of, &self.name));
        };
        let mut given = Vec::new();
        for argument in arguments {
            given.push(argument.value(shell)?);
        }
        let invocation = Invocation {
            of,
            name: &self.name,
            given,
        };
        invocation.follow(shell)
    }
}

/// A call of a member.
pub(super) struct Invocation<'m> {
    of: Values,
    name: &'m str,
    given: Vec<Values>,
}

impl<'m> Invocation<'m> {
    /// Returns the member of this name for each value. It is called if it has an effect or
    /// arguments.
    pub(super) fn of_each(
        of: Values,
        name: &'m str,
        given: Vec<Values>,
        shell: &mut PowerShell<'_>,
    ) -> Outcome<Values> {
        let acts = ["delete", "kill", "stop", "invoke"];
        if given.is_empty() && !acts.contains(&name) {
            return Ok(property(&of, name));
        }
        Self { of, name, given }.of_value(shell)
    }

    fn follow(self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        match self.of.as_slice() {
            [Value::Type(of)] => {
                let call = Static {
                    of,
                    name: self.name,
                    given: &self.given,
                };
                call.follow(shell)
            }
            _ => self.of_value(shell),
        }
    }

    fn of_value(self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let Self { of, name, given } = self;
        let argument = |at| argument(&given, at);
        Ok(match name {
            "delete" => {
                let is_backup = |item: &Value| item.as_text().to_lowercase().contains("shadowcopy");
                if of.iter().any(is_backup) {
                    let argv = ["wmic", "shadowcopy", "delete"].map(str::to_owned);
                    shell.runner.report("wmic", &argv)?;
                }
                let is_recursive = given.first().is_some_and(|items| !is_false(items));
                let removal = Removal {
                    name: &["Delete".to_owned()],
                    paths: &texts(&of),
                    is_recursive,
                };
                removal.report(shell.runner)?;
                Values::new()
            }
            "foreach" | "where" => {
                let mut output = Values::new();
                for item in given.iter().flatten() {
                    if let Value::Script(body) = item {
                        output.extend(shell.rounds("_", &of, body)?);
                    }
                }
                if name == "where" { of } else { output }
            }
            "invoke" | "invokereturnasis" => shell.run_items(&of)?,
            "invokescript" | "newscriptblock" => {
                let code = code(given.first().cloned().unwrap_or_default());
                if name == "newscriptblock" {
                    return Ok(code);
                }
                shell.run_items(&code)?
            }
            "kill" | "stop" => {
                let argv = [vec![name.to_owned()], texts(&of)].concat();
                shell.runner.report("pkill", &argv)?;
                Values::new()
            }
            "moveto" | "copyto" => {
                let to = argument(0);
                let argv = [name.to_owned(), first(&of), to.clone()];
                shell.runner.write(&argv, &to, None, Way::Replace)?;
                one(to)
            }
            "replace" => each(&of, |text| {
                operators::replaced(text, &argument(0), &argument(1))
            }),
            "trim" | "trimstart" | "trimend" => each(&of, |text| text.trim().to_owned()),
            "tolower" | "tolowerinvariant" => each(&of, str::to_lowercase),
            "toupper" | "toupperinvariant" => each(&of, str::to_uppercase),
            "tostring" | "normalize" | "clone" | "gettempfilename" => of,
            "split" => operators::binary("split", of, given.first().cloned().unwrap_or_default()),
            "substring" => substring(&of, &given),
            _ => tainted(&of, &given),
        })
    }
}

/// Returns the value of a property.
pub(super) fn property(of: &[Value], name: &str) -> Values {
    match of {
        [Value::Table(entries)] => return operators::entry(entries, name),
        [Value::Type(of)] => return super::statics::property(of, name),
        _ => {}
    }
    match name {
        "fullname"
        | "pspath"
        | "path"
        | "providerpath"
        | "value"
        | "content"
        | "definition"
        | "rawcontent"
        | "target"
        | "result"
        | "source"
        | "processname"
        | "currentuserallhosts"
        | "currentusercurrenthost"
        | "alluserscurrenthost"
        | "allusersallhosts" => of.to_vec(),
        "name" | "pschildname" | "basename" => each(of, |text| base(text).to_owned()),
        "parent" | "directory" | "directoryname" | "psparentpath" => each(of, parent),
        _ => tainted(of, &[]),
    }
}

fn base(text: &str) -> &str {
    base_name(text.rsplit('\\').next().unwrap_or(text))
}

fn parent(text: &str) -> String {
    let text = text.trim_end_matches(['/', '\\']);
    match text.rsplit_once(['/', '\\']) {
        Some((parent, _)) => parent.to_owned(),
        None if marks::is_open(text) => marks::unknown(),
        None => ".".to_owned(),
    }
}

/// The result of an operation that is not followed: unknown, but still a download if something in
/// it was.
pub(super) fn tainted(of: &[Value], given: &[Values]) -> Values {
    let has_download = |item: &Value| matches!(item, Value::Text(text) if text.contains(DOWNLOAD));
    if of.iter().chain(given.iter().flatten()).any(has_download) {
        return one(DOWNLOAD.to_string());
    }
    unknown()
}

fn each(of: &[Value], change: impl Fn(&str) -> String) -> Values {
    let changed = of.iter().map(|item| Value::text(change(&item.as_text())));
    changed.collect()
}

fn substring(of: &[Value], given: &[Values]) -> Values {
    let number = |at: usize| match given.get(at).map(Vec::as_slice) {
        Some([Value::Number(number)]) => usize::try_from(*number).ok(),
        _ => None,
    };
    let Some(from) = number(0) else {
        return unknown();
    };
    each(of, |text| {
        let behind = text.chars().skip(from);
        behind.take(number(1).unwrap_or(usize::MAX)).collect()
    })
}

/// The text of an argument, empty if there is none.
pub(super) fn argument(given: &[Values], at: usize) -> String {
    given.get(at).map(|items| first(items)).unwrap_or_default()
}
