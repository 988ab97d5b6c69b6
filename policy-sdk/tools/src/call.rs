//! A tool call, read for what it does.

use std::rc::Rc;

use sluice_policy_sdk::{Request, ToolCall};

use crate::carried::{self, Carried, Suspect};
use crate::command::Command;
use crate::input::Input;
use crate::program::Program;
use crate::reader::Reader;
use crate::writes;
use crate::written::Written;

/// A tool call, read for what it does. What nobody asks for is not searched for.
pub struct Call<'a> {
    input: Input<'a>,
    reader: &'a Reader<'a>,
}

impl<'a> Call<'a> {
    /// Takes a call. The request is asked what it declares of the tool, if the tool's name and the
    /// arguments leave open what the call does. Without a request nothing is declared.
    pub fn of(call: &'a ToolCall, request: Option<&'a Request>, reader: &'a Reader<'a>) -> Self {
        Self {
            input: Input::of(call, request),
            reader,
        }
    }

    /// Returns the program that the whole input is, if the tool may take programs. If it is
    /// [code mode's](Program::is_code_mode), nothing else in the call runs.
    #[must_use]
    pub fn program(&self) -> Option<Rc<Program>> {
        let text = self.input.text()?;
        carried::takes_programs(&self.input, self.reader).then(|| self.reader.program(text))
    }

    /// Returns the commands in the call, and the texts that are commands only if its tool
    /// [runs](Self::runs) them.
    #[must_use]
    pub fn carried(&self) -> Carried {
        carried::carried(&self.input, self.reader)
    }

    /// Whether the request declares that the tool runs what it is given in this argument.
    #[must_use]
    pub fn runs(&self, suspect: &Suspect) -> bool {
        self.input.declared().runs(&suspect.field)
    }

    /// Returns all commands that the call runs.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        let Carried {
            commands, suspects, ..
        } = self.carried();
        let run = suspects.into_iter().filter(|suspect| self.runs(suspect));
        commands
            .into_iter()
            .chain(run.map(|suspect| suspect.command))
            .collect()
    }

    /// Returns the files that the call writes by itself, as an editing tool or a patch does. What its
    /// commands write is found by [following](Command::follower) them.
    #[must_use]
    pub fn writes(&self) -> Vec<Written> {
        writes::of(&self.input)
    }
}
