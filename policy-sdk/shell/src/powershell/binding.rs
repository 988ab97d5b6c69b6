//! Assigns a cmdlet's arguments to its parameters.

use super::parameters::{self, Parameter};
use super::value::{Values, is_false, texts};

/// An argument after evaluation.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// `-Name`, with the value behind its colon, if any.
    Parameter(String, Option<Values>),
    Value(Values),
    /// Any number of unknown arguments.
    Open,
}

/// The arguments of a cmdlet, by parameter.
#[derive(Debug, Default)]
pub(super) struct Bound {
    named: Vec<(&'static str, Values)>,
    switches: Vec<&'static str>,
    /// Whether there are names that the cmdlet does not have: a program's, or unknown ones.
    pub(super) is_foreign: bool,
    /// Whether there may be more arguments than are known.
    pub(super) is_open: bool,
}

impl Bound {
    /// Assigns each argument to its parameter.
    pub(super) fn new(cmdlet: &str, given: &[Given]) -> Self {
        let Some(all) = parameters::of(cmdlet) else {
            return Self::default();
        };
        let mut bound = Self::default();
        let mut unnamed: Vec<Values> = Vec::new();
        let mut given = given.iter().peekable();
        while let Some(argument) = given.next() {
            match argument {
                Given::Value(items) => unnamed.push(items.clone()),
                Given::Open => bound.is_open = true,
                Given::Parameter(name, value) => {
                    let Some(parameter) = parameters::named(&all, name) else {
                        bound.is_foreign = true;
                        continue;
                    };
                    let mut value = value.clone();
                    if value.is_none() && !parameter.is_switch {
                        value = match given.next_if(|next| matches!(next, Given::Value(_))) {
                            Some(Given::Value(items)) => Some(items.clone()),
                            _ => None,
                        };
                    }
                    bound.put(parameter, value);
                }
            }
        }
        bound.place(&all, unnamed);
        bound
    }

    fn put(&mut self, parameter: &Parameter, value: Option<Values>) {
        match value {
            Some(items) if parameter.is_switch && is_false(&items) => {}
            _ if parameter.is_switch => self.switches.push(parameter.name),
            items => self.named.push((parameter.name, items.unwrap_or_default())),
        }
    }

    /// Assigns the words without a name to the positional parameters, in order.
    fn place(&mut self, parameters: &[Parameter], unnamed: Vec<Values>) {
        let mut positions: Vec<&Parameter> = parameters
            .iter()
            .filter(|p| p.position.is_some() && !self.named.iter().any(|(name, _)| *name == p.name))
            .collect();
        positions.sort_by_key(|p| p.position);
        let mut positions = positions.into_iter();
        let mut last = None;
        for items in unnamed {
            // Surplus words go to the last one: several paths may be written with spaces.
            last = positions.next().or(last);
            if let Some(parameter) = last {
                self.named.push((parameter.name, items));
            }
        }
    }

    /// Whether the parameter is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.switches.contains(&name) || self.named.iter().any(|(own, _)| *own == name)
    }

    /// Whether one of the parameters is given.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// The values of these parameters.
    pub(super) fn items(&self, names: &[&str]) -> Values {
        let own = self.named.iter().filter(|(own, _)| names.contains(own));
        own.flat_map(|(_, items)| items.iter().cloned()).collect()
    }

    /// The texts of these parameters.
    pub(super) fn texts(&self, names: &[&str]) -> Vec<String> {
        texts(&self.items(names))
    }

    /// The first text of these parameters.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.texts(names).into_iter().next()
    }
}
