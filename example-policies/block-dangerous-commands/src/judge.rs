//! Judges a tool call, command by command.

mod passed;
mod watched;

use std::cell::Cell;
use std::rc::Rc;

use sluice_policy_sdk::{Request, ToolCall};
use sluice_policy_shell::{Language, Stop, Text};
use sluice_policy_tools::{Call, Carried, Command, Deed, Program, Reader, Suspect};

use crate::finding::Finding;
use crate::rules::{self, Rules};

use passed::Passed;
use watched::Watched;

/// The longest suspect text that is judged before asking what its tool is. Most longer ones are
/// files.
const LONGEST_SUSPECT: usize = 4 * 1024;
/// The most suspects that are judged before asking. With more, asking takes less time.
const MOST_SUSPECTS: usize = 2;
/// How many scripts of a command are read as programs. In further ones only the calls that start
/// something are found.
const MOST_PROGRAMS: usize = 32;
/// How deeply programs in calls of programs are followed.
const DEEPEST: usize = 3;
/// For a program with more calls than this, the declarations of its tools are not looked up.
const MOST_ASKED: usize = 16;
/// The most steps in which the commands of a call are followed, in addition to those for its length.
/// The commands that are left are judged by their words.
const MOST_STEPS: usize = 8_000;
/// How many bytes of a call allow one more step.
const BYTES_PER_STEP: usize = 4;
/// The steps that a call in a program takes, whatever it is.
const STEPS_OF_A_CALL: usize = 50;

/// Judges a tool call. Returns what is wrong with it, if anything. The declaration in `request` is
/// looked up only if the tool's name and arguments leave it open and the answer matters.
pub fn judge_call(call: &ToolCall, request: &Request, rules: &Rules) -> Option<Finding> {
    let shared = Shared::new(call.arguments.len(), rules);
    Judge::new(Some(request), rules, &shared).call(call)
}

/// Judges a shell command. Returns what is wrong with it, if anything.
pub fn judge(command: &str, rules: &Rules) -> Option<Finding> {
    let text = Text::Shell(command.to_owned());
    judge_command(&Command { text, folder: None }, rules)
}

/// Judges a command of a tool call. Returns what is wrong with it, if anything.
pub fn judge_command(command: &Command, rules: &Rules) -> Option<Finding> {
    let shared = Shared::new(command.text.line().len(), rules);
    Judge::new(None, rules, &shared).command(command)
}

/// What the judgements of one call and of all calls in it share.
struct Shared<'a> {
    reader: Reader<'a>,
    /// The steps that are left for following commands.
    steps: Cell<usize>,
    /// The programs that passed in the folder in which they start by themselves.
    passed: Passed,
}

impl<'a> Shared<'a> {
    /// Begins with the bounds for a call of this length.
    fn new(length: usize, rules: &'a Rules) -> Self {
        Self {
            reader: Reader::new(&rules.tools),
            steps: Cell::new(MOST_STEPS + length / BYTES_PER_STEP),
            passed: Passed::default(),
        }
    }

    fn spend(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_sub(steps));
    }
}

/// Judges calls, and the calls inside them.
struct Judge<'a> {
    request: Option<&'a Request>,
    rules: &'a Rules,
    shared: &'a Shared<'a>,
    /// How many programs surround what is judged. Unknown parts of their calls are marks.
    depth: usize,
}

impl<'a> Judge<'a> {
    fn new(request: Option<&'a Request>, rules: &'a Rules, shared: &'a Shared<'a>) -> Self {
        Self {
            request,
            rules,
            shared,
            depth: 0,
        }
    }

    fn call(&self, call: &ToolCall) -> Option<Finding> {
        let call = Call::of(call, self.request, &self.shared.reader);
        if let Some(program) = call.program() {
            let finding = self.program(&program, None);
            if finding.is_some() || program.is_code_mode() {
                return finding;
            }
        }
        let Carried {
            commands,
            suspects,
            unreadable,
        } = call.carried();
        let mut commands = commands.iter();
        commands
            .find_map(|command| self.command(command))
            .or_else(|| self.suspects(&suspects, &call))
            .or_else(|| {
                let written = call.writes();
                let mut written = written.iter();
                written.find_map(|written| rules::by_call(written, self.rules))
            })
            // The arguments come from a program, so there is no JSON that a model could have
            // written better.
            .or_else(|| {
                unreadable
                    .filter(|_| self.depth == 0)
                    .map(|text| Finding::unreadable(&text))
            })
    }

    fn suspects(&self, suspects: &[Suspect], call: &Call<'_>) -> Option<Finding> {
        let are_many = suspects.len() > MOST_SUSPECTS;
        let mut asked = suspects
            .iter()
            .filter(|suspect| !(are_many || is_long(suspect)) || call.runs(suspect));
        asked.find_map(|suspect| {
            let finding = self.command(&suspect.command)?;
            call.runs(suspect).then_some(finding)
        })
    }

    /// Judges what a program does. It starts in this folder, if one is known.
    fn program(&self, program: &Rc<Program>, folder: Option<&str>) -> Option<Finding> {
        if folder.is_some() {
            return self.deeds(program, folder);
        }
        if self.shared.passed.has(program, self.depth) {
            return None;
        }
        let finding = self.deeds(program, None);
        if finding.is_none() {
            self.shared.passed.note(program, self.depth);
        }
        finding
    }

    fn deeds(&self, program: &Program, folder: Option<&str>) -> Option<Finding> {
        if self.depth >= DEEPEST {
            // Only somebody who hides a command in the last one nests programs so deeply.
            return (!program.is_empty()).then(too_much);
        }
        let inner = Self {
            request: self.request.filter(|_| program.len() <= MOST_ASKED),
            rules: self.rules,
            shared: self.shared,
            depth: self.depth + 1,
        };
        program.deeds().find_map(|deed| match deed {
            Deed::Call(call) => {
                self.shared.spend(STEPS_OF_A_CALL);
                inner.call(&call)
            }
            Deed::Command(text) => inner.command(&Command {
                text,
                folder: folder.map(str::to_owned),
            }),
        })
    }

    fn command(&self, command: &Command) -> Option<Finding> {
        if let Some(finding) = extra(&command.text, self.rules) {
            return Some(finding);
        }
        if let Text::Script(Language::JavaScript, source) = &command.text {
            let program = self.shared.reader.program(source);
            let finding = self.program(&program, command.folder.as_deref());
            if finding.is_some() || program.is_code_mode() {
                return finding;
            }
        }
        self.follow(command)
    }

    fn follow(&self, command: &Command) -> Option<Finding> {
        // A program was read already.
        let is_program = matches!(command.text, Text::Script(Language::JavaScript, _));
        let watched = Watched::new(self, if is_program { 0 } else { MOST_PROGRAMS });
        let mut follower = command.follower(&watched).sharing(&self.shared.steps);
        if self.depth > 0 {
            follower = follower.with_marks();
        }
        match follower.follow(&command.text) {
            Ok(()) => None,
            Err(Stop::Found(finding)) => Some(finding),
            Err(Stop::Spent) => Some(too_much()),
        }
    }
}

fn is_long(suspect: &Suspect) -> bool {
    suspect.command.text.line().len() > LONGEST_SUSPECT
}

fn too_much() -> Finding {
    let message = "This holds more commands that may be dangerous than are judged in one call; run it in parts.";
    Finding::new("too-much", message.to_owned(), &[])
}

fn extra(text: &Text, rules: &Rules) -> Option<Finding> {
    if rules.extra.is_empty() {
        return None;
    }
    let line = text.line();
    let (_, pattern) = rules
        .extra
        .iter()
        .find(|(regex, _)| regex.is_match(&line))?;
    Some(Finding::new(
        &format!("extra.{}", pattern.name),
        pattern.message.clone(),
        &[line.into_owned()],
    ))
}
