//! Judges what a command does by the rules, and the scripts of JavaScript in it as programs.
//!
//! The follower finds the calls of a script by their names alone. Read as a program, a script says what
//! its functions, loops and joined texts come to.

use std::cell::Cell;

use sluice_policy_shell::{Candidate, Command, Function, Language, Names, Scene, Watch, Write};
use sluice_policy_tools::Program;

use super::Judge;
use crate::finding::Finding;

/// What is told of one command.
pub(super) struct Watched<'a> {
    judge: &'a Judge<'a>,
    /// How many scripts are still read as programs.
    programs: Cell<usize>,
}

impl<'a> Watched<'a> {
    /// Judges one command, and so many programs in it.
    pub(super) fn new(judge: &'a Judge<'a>, programs: usize) -> Self {
        Self {
            judge,
            programs: Cell::new(programs),
        }
    }

    fn program(&self, scene: &Scene, source: &str) -> Option<Finding> {
        self.programs.set(self.programs.get().checked_sub(1)?);
        let folder = scene.folder().from_start();
        let program = Program::script(source, &self.judge.shared.steps);
        self.judge.deeds(&program, Some(&folder))
    }
}

impl Watch for Watched<'_> {
    type Finding = Finding;

    fn script(&self, scene: &Scene, language: Language, text: &str) -> Result<(), Finding> {
        self.judge.rules.script(scene, language, text)?;
        let finding = match language {
            Language::JavaScript => self.program(scene, text),
            _ => None,
        };
        finding.map_or(Ok(()), Err)
    }

    fn names(&self) -> &Names {
        self.judge.rules.names()
    }

    fn is_suspect(&self, scene: &Scene, candidate: &Candidate<'_>) -> bool {
        self.judge.rules.is_suspect(scene, candidate)
    }

    fn command(&self, scene: &Scene, command: &Command<'_>) -> Result<(), Finding> {
        self.judge.rules.command(scene, command)
    }

    fn deletes(&self, scene: &Scene, argv: &[String], paths: &[String]) -> Result<(), Finding> {
        self.judge.rules.deletes(scene, argv, paths)
    }

    fn writes(&self, scene: &Scene, write: &Write<'_>) -> Result<(), Finding> {
        self.judge.rules.writes(scene, write)
    }

    fn downloaded(&self, scene: &Scene, argv: &[String]) -> Result<(), Finding> {
        self.judge.rules.downloaded(scene, argv)
    }

    fn defines(&self, scene: &Scene, function: &Function<'_>) -> Result<(), Finding> {
        self.judge.rules.defines(scene, function)
    }

    fn may_define(&self, scene: &Scene, name: &str, body: &str) -> Result<(), Finding> {
        self.judge.rules.may_define(scene, name, body)
    }

    fn prints(&self, scene: &Scene, command: &Command<'_>) -> Option<String> {
        self.judge.rules.prints(scene, command)
    }
}
