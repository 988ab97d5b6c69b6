//! The state of PowerShell, and how it runs code.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::binding::Given;
use super::tree::Block;
use super::value::{Value, Values, one, unknown};
use super::variables::{MOST_VALUES, Variables};
use crate::halt::{Halt, Outcome};
use crate::marks;
use crate::runner::Runner;

/// How deeply functions and script blocks may call each other.
const DEEPEST: usize = 10;
/// A block is followed for at most this many values.
const MOST_ROUNDS: usize = 24;

/// The state of PowerShell at one point of a script.
pub(super) struct PowerShell<'r> {
    pub(super) runner: &'r mut dyn Runner,
    pub(super) variables: Variables,
    pub(super) functions: BTreeMap<String, Rc<Block>>,
    pub(super) aliases: BTreeMap<String, String>,
    depth: usize,
}

impl<'r> PowerShell<'r> {
    pub(super) fn new(runner: &'r mut dyn Runner) -> Self {
        Self {
            runner,
            variables: Variables::default(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            depth: 0,
        }
    }

    /// Follows statements, and returns their output.
    pub(super) fn block(&mut self, block: &Block) -> Outcome<Values> {
        let mut output = Values::new();
        for statement in &block.statements {
            let items = statement.follow(self)?;
            output.extend(items);
            output.truncate(MOST_VALUES);
        }
        Ok(output)
    }

    /// Follows a block with a scope of its own, one level deeper: a function, a script block, a
    /// script.
    pub(super) fn deeper(&mut self, block: &Block) -> Outcome<Values> {
        if self.depth == DEEPEST {
            return Err(Halt::Spent);
        }
        self.depth += 1;
        let output = self.block(block);
        self.depth -= 1;
        output
    }

    /// Follows something that may not happen.
    pub(super) fn perhaps<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.variables.under_condition();
        let outcome = what(self);
        self.variables.behind_condition();
        outcome
    }

    /// Follows a block once for each value of a variable.
    pub(super) fn rounds(&mut self, name: &str, values: &[Value], body: &Block) -> Outcome<Values> {
        let mut output = Values::new();
        for value in values.iter().take(MOST_ROUNDS) {
            self.variables.set(name, vec![value.clone()]);
            output.extend(self.deeper(body)?);
        }
        if values.is_empty() {
            self.variables.set(name, unknown());
            output = self.deeper(body)?;
        }
        Ok(output)
    }

    /// Runs a function or a script block with arguments.
    pub(super) fn function(
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
                    Some(default) => default.value(self)?,
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
        let before = self.variables.replace(set);
        let output = self.deeper(&body);
        self.variables.restore(before);
        output
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

    /// Runs a text as a PowerShell script.
    pub(super) fn run(&mut self, text: &str) -> Outcome<Values> {
        if text
            .lines()
            .any(|line| line.trim_start().starts_with(marks::DOWNLOAD))
        {
            let argv = ["Invoke-Expression".to_owned(), text.to_owned()];
            self.runner.sink().downloaded(self.runner.scene(), &argv)?;
        }
        self.runner.spend(super::cost(text))?;
        match super::parse::script(text) {
            Some(block) => self.deeper(&block),
            None => Err(Halt::Spent),
        }
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
