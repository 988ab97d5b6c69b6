//! Follows PowerShell's commands: cmdlets, functions, script blocks and programs.

use std::rc::Rc;

use super::binding::{Bound, Given};
use super::cmdlet::Cmdlet;
use super::cmdlets;
use super::follow::PowerShell;
use super::tree::{Argument, Block};
use super::value::{Value, Values, lines, one, texts};
use crate::cmdlet::is_cmdlet;
use crate::halt::Outcome;
use crate::marks;

/// A command whose words have been evaluated.
pub(super) struct Call {
    /// The cmdlet in lower case, or the program as written.
    pub(super) name: String,
    /// The words as texts, for a program or a person.
    pub(super) argv: Vec<String>,
    pub(super) given: Vec<Given>,
    /// The input from the pipeline. `None` if it comes first.
    pub(super) input: Option<Values>,
}

impl Call {
    /// A call of this name, which may be an alias.
    fn new(name: &str, given: Vec<Given>, input: Option<Values>, shell: &PowerShell<'_>) -> Self {
        let alias = shell.aliases.get(&name.to_lowercase());
        let name = alias.map_or(name, String::as_str);
        Self {
            name: cmdlets::canonical(name),
            argv: argv(name, &given),
            given,
            input,
        }
    }

    pub(super) fn bound(&self) -> Bound {
        Bound::new(&self.name, &self.given)
    }

    /// The input from the pipeline, empty if there is none.
    pub(super) fn passed(&self) -> Values {
        self.input.clone().unwrap_or_default()
    }

    /// All script blocks among its arguments.
    pub(super) fn scripts(&self) -> Vec<Rc<Block>> {
        let items = self.given.iter().flat_map(|given| match given {
            Given::Value(items) | Given::Parameter(_, Some(items)) => items.as_slice(),
            Given::Parameter(_, None) | Given::Open => &[],
        });
        let script = |item: &Value| match item {
            Value::Script(block) => Some(block.clone()),
            _ => None,
        };
        items.filter_map(script).collect()
    }

    /// Follows the command, and returns its output.
    fn follow(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let may_be_program = cmdlets::is_program_too(&self.argv[0].to_lowercase());
        let is_foreign = may_be_program && self.bound().is_foreign;
        let is_cmdlet = is_cmdlet(&self.name) || self.name == "mkdir";
        if is_foreign || !is_cmdlet {
            return self.start(shell);
        }
        let cmdlet = Cmdlet {
            call: self,
            bound: self.bound(),
        };
        cmdlet.follow(shell)
    }

    /// Starts a program through the surrounding shell, which knows programs too.
    fn start(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        for script in self.scripts() {
            shell.deeper(&script)?;
        }
        let stdin = self.input.as_deref().map(lines);
        shell.start(&self.argv, stdin.as_deref())
    }

    /// Runs the script blocks among its arguments, once for each input.
    pub(super) fn each(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let passed = self.passed();
        let mut output = Values::new();
        for script in self.scripts() {
            output.extend(shell.rounds("_", &passed, &script)?);
        }
        Ok(output)
    }
}

/// The words of a command, as they are written.
pub(super) struct Words<'t>(pub(super) &'t [Argument]);

impl Words<'_> {
    /// Follows the command, and returns its output.
    pub(super) fn follow(
        &self,
        input: Option<Values>,
        shell: &mut PowerShell<'_>,
    ) -> Outcome<Values> {
        let Some((first, rest)) = self.0.split_first() else {
            return Ok(input.unwrap_or_default());
        };
        let called = match first {
            Argument::Value(value) => value.value(shell)?,
            Argument::Parameter(name, _) => one(format!("-{name}")),
            Argument::Splat(name) => one(format!("@{name}")),
        };
        let mut given = Vec::new();
        for argument in rest {
            argument.add_to(&mut given, shell)?;
        }
        if called.iter().any(|item| matches!(item, Value::Script(_))) {
            return shell.run_with(&called, &given, input);
        }
        let mut output = Values::new();
        // In `& $x`, the variable may have several values.
        for name in texts(&called) {
            shell.runner.spend(given.len() + 1)?;
            let function = shell.functions.get(&name.to_lowercase()).cloned();
            output.extend(match function {
                Some(body) => shell.function(&body, &given, input.clone())?,
                None => Call::new(&name, given.clone(), input.clone(), shell).follow(shell)?,
            });
        }
        Ok(output)
    }
}

impl Argument {
    /// Evaluates the argument, and adds what it gives.
    fn add_to(&self, given: &mut Vec<Given>, shell: &mut PowerShell<'_>) -> Outcome<()> {
        match self {
            Self::Value(value) => given.push(Given::Value(value.value(shell)?)),
            Self::Parameter(name, None) => given.push(Given::Parameter(name.clone(), None)),
            Self::Parameter(name, Some(value)) => {
                let value = value.value(shell)?;
                given.push(Given::Parameter(name.clone(), Some(value)));
            }
            Self::Splat(name) => given.extend(splat(shell.variables.get(name))),
        }
        Ok(())
    }
}

/// Returns the arguments that a variable holds.
fn splat(value: Option<&Values>) -> Vec<Given> {
    match value.map(Vec::as_slice) {
        Some([Value::Table(entries)]) => entries
            .iter()
            .map(|(name, value)| Given::Parameter(name.clone(), Some(value.clone())))
            .collect(),
        Some(items) => vec![Given::Value(items.to_vec())],
        None => vec![Given::Open],
    }
}

/// Returns the words of a call as texts.
fn argv(name: &str, given: &[Given]) -> Vec<String> {
    let words = given.iter().flat_map(|given| match given {
        Given::Value(items) => texts(items),
        Given::Open => vec![marks::unknown()],
        Given::Parameter(name, None) => vec![format!("-{name}")],
        Given::Parameter(name, Some(items)) => vec![format!("-{name}:{}", texts(items).join(","))],
    });
    std::iter::once(name.to_owned()).chain(words).collect()
}
