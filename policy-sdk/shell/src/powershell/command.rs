//! Follows PowerShell's commands: cmdlets, functions, script blocks and programs.

use std::rc::Rc;

use super::binding::{Bound, Given};
use super::cmdlets;
use super::follow::PowerShell;
use super::tree::{Argument, Block};
use super::value::{Value, Values, lines, one, texts, unknown};
use crate::cmdlet::is_cmdlet;
use crate::halt::Outcome;
use crate::marks;
use crate::watch::Command;

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
    pub(super) fn bound(&self) -> Bound {
        Bound::new(&self.name, &self.given)
    }

    /// The input from the pipeline, empty if there is none.
    pub(super) fn passed(&self) -> Values {
        self.input.clone().unwrap_or_default()
    }

    /// All script blocks among its arguments.
    fn scripts(&self) -> Vec<Rc<Block>> {
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
}

impl PowerShell<'_> {
    /// Follows a command, and returns its output.
    pub(super) fn command(&mut self, words: &[Argument], input: Option<Values>) -> Outcome<Values> {
        let Some((first, rest)) = words.split_first() else {
            return Ok(input.unwrap_or_default());
        };
        let called = match first {
            Argument::Value(value) => self.evaluate(value)?,
            Argument::Parameter(name, _) => one(format!("-{name}")),
            Argument::Splat(name) => one(format!("@{name}")),
        };
        let given = self.given(rest)?;
        if called.iter().any(|item| matches!(item, Value::Script(_))) {
            return self.run_with(&called, &given, input);
        }
        let mut output = Values::new();
        // In `& $x`, the variable may have several values.
        for name in texts(&called) {
            output.extend(self.call(&name, given.clone(), input.clone())?);
        }
        Ok(output)
    }

    fn given(&mut self, words: &[Argument]) -> Outcome<Vec<Given>> {
        let mut given = Vec::new();
        for word in words {
            match word {
                Argument::Value(value) => given.push(Given::Value(self.evaluate(value)?)),
                Argument::Parameter(name, None) => given.push(Given::Parameter(name.clone(), None)),
                Argument::Parameter(name, Some(value)) => {
                    let value = self.evaluate(value)?;
                    given.push(Given::Parameter(name.clone(), Some(value)));
                }
                Argument::Splat(name) => given.extend(self.splat(name)),
            }
        }
        Ok(given)
    }

    /// Returns the arguments that a variable holds.
    fn splat(&self, name: &str) -> Vec<Given> {
        match self.assigned(name).map(Vec::as_slice) {
            Some([Value::Table(entries)]) => entries
                .iter()
                .map(|(name, value)| Given::Parameter(name.clone(), Some(value.clone())))
                .collect(),
            Some(items) => vec![Given::Value(items.to_vec())],
            None => vec![Given::Open],
        }
    }

    fn call(&mut self, name: &str, given: Vec<Given>, input: Option<Values>) -> Outcome<Values> {
        self.runner.spend(given.len() + 1)?;
        if let Some(body) = self.functions.get(&name.to_lowercase()).cloned() {
            return self.function(&body, &given, input);
        }
        let alias = self.aliases.get(&name.to_lowercase()).cloned();
        let name = alias.as_deref().unwrap_or(name);
        let call = Call {
            name: cmdlets::canonical(name),
            argv: argv(name, &given),
            given,
            input,
        };
        let is_foreign = cmdlets::is_program_too(&name.to_lowercase()) && call.bound().is_foreign;
        let is_cmdlet = is_cmdlet(&call.name) || call.name == "mkdir";
        if is_foreign || !is_cmdlet {
            return self.program(&call);
        }
        self.cmdlet(&call)
    }

    /// Starts a program through the surrounding shell, which knows programs too.
    fn program(&mut self, call: &Call) -> Outcome<Values> {
        for script in call.scripts() {
            self.deeper(&script)?;
        }
        let stdin = call.input.as_deref().map(lines);
        self.start(&call.argv, stdin.as_deref())
    }

    /// Starts a program by its words.
    pub(super) fn start(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<Values> {
        let Some(first) = argv.first() else {
            return Ok(Values::new());
        };
        if first.starts_with(marks::UNKNOWN) && argv.len() > 1 {
            // If the first word is unknown, the words behind it may be the command.
            self.runner.spend(1)?;
            return self.start(&argv[1..], stdin);
        }
        let printed = self.runner.start(argv, stdin)?;
        Ok(one(printed))
    }

    fn function(
        &mut self,
        body: &Rc<Block>,
        given: &[Given],
        input: Option<Values>,
    ) -> Outcome<Values> {
        let mut unnamed = given.iter().filter_map(|given| match given {
            Given::Value(items) => Some(items.clone()),
            Given::Parameter(..) | Given::Open => None,
        });
        let mut set = Vec::new();
        for parameter in &body.parameters {
            let value = match named(given, &parameter.name).or_else(|| unnamed.next()) {
                Some(value) => value,
                None => match &parameter.default {
                    Some(default) => self.evaluate(default)?,
                    None => unknown(),
                },
            };
            set.push((parameter.name.clone(), value));
        }
        set.push(("args".to_owned(), unnamed.flatten().collect()));
        let passed = input.unwrap_or_else(unknown);
        set.push(("input".to_owned(), passed.clone()));
        set.push(("_".to_owned(), passed));
        let body = body.clone();
        self.with(set, |shell| shell.deeper(&body))
    }

    /// Runs script blocks with arguments.
    pub(super) fn run_with(
        &mut self,
        items: &[Value],
        given: &[Given],
        input: Option<Values>,
    ) -> Outcome<Values> {
        let mut output = Values::new();
        for item in items {
            if let Value::Script(body) = item {
                output.extend(self.function(body, given, input.clone())?);
            }
        }
        Ok(output)
    }

    /// Runs code: script blocks, and texts as PowerShell scripts.
    pub(super) fn run_items(&mut self, items: &[Value]) -> Outcome<Values> {
        let mut output = Values::new();
        for item in items {
            match item {
                Value::Script(body) => output.extend(self.deeper(body)?),
                Value::Text(text) => output.extend(self.run(text)?),
                _ => {}
            }
        }
        Ok(output)
    }

    /// Reports a command under the name by which policies know it.
    pub(super) fn tell(&mut self, name: &str, argv: &[String]) -> Outcome<()> {
        let command = Command {
            name,
            argv,
            stdin: None,
        };
        self.runner.sink().command(self.runner.scene(), &command)
    }

    /// Runs the script blocks that a cmdlet is given, once for each input.
    pub(super) fn each(&mut self, call: &Call) -> Outcome<Values> {
        let passed = call.passed();
        let mut output = Values::new();
        for script in call.scripts() {
            output.extend(self.rounds("_", &passed, &script)?);
        }
        Ok(output)
    }
}

fn named(given: &[Given], name: &str) -> Option<Values> {
    let mut given = given.iter().peekable();
    while let Some(argument) = given.next() {
        let Given::Parameter(own, value) = argument else {
            continue;
        };
        let is_own = !own.is_empty() && name.starts_with(&own.to_lowercase());
        match (is_own, value, given.peek()) {
            (true, Some(value), _) => return Some(value.clone()),
            (true, None, Some(Given::Value(value))) => return Some(value.clone()),
            (true, None, _) => return Some(one("True")),
            _ => {}
        }
    }
    None
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
