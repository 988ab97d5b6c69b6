//! Judges a tool call, command by command.

mod watched;

use std::cell::Cell;
use std::rc::Rc;

use sluice_policy_sdk::{Request, ToolCall};
use sluice_policy_shell::{Follower, Language, Stop, Text};

use crate::call::{self, Carried, Command, Declared, Input, Suspect};
use crate::code_mode::{Deed, Program, Programs};
use crate::config::Rules;
use crate::finding::Finding;
use crate::{rules as own, writes};

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
    let bounds = Bounds::of(call.arguments.len());
    Judge::new(Some(request), rules, &bounds).call(call)
}

/// Judges a shell command. Returns what is wrong with it, if anything.
pub fn judge(command: &str, rules: &Rules) -> Option<Finding> {
    let text = Text::Shell(command.to_owned());
    judge_command(&Command { text, folder: None }, rules)
}

/// Judges a command of a tool call. Returns what is wrong with it, if anything.
pub fn judge_command(command: &Command, rules: &Rules) -> Option<Finding> {
    let bounds = Bounds::of(command.text.line().len());
    Judge::new(None, rules, &bounds).command(command)
}

/// The bounds on judging one call, with all calls in it.
struct Bounds {
    /// The programs that were read.
    programs: Programs,
    /// The steps that are left for following commands.
    steps: Cell<usize>,
}

impl Bounds {
    /// Returns the bounds for a call of this length.
    fn of(length: usize) -> Self {
        Self {
            programs: Programs::default(),
            steps: Cell::new(MOST_STEPS + length / BYTES_PER_STEP),
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
    bounds: &'a Bounds,
    /// How many programs surround what is judged. Unknown parts of their calls are marks.
    depth: usize,
}

impl<'a> Judge<'a> {
    fn new(request: Option<&'a Request>, rules: &'a Rules, bounds: &'a Bounds) -> Self {
        Self {
            request,
            rules,
            bounds,
            depth: 0,
        }
    }

    fn call(&self, call: &ToolCall) -> Option<Finding> {
        let declared = Declared::of(self.request, &call.name);
        let input = Input::of(call, &declared);
        if let Some(program) = self.input(&call.name, &input, &declared) {
            let finding = self.program(&program, None);
            if finding.is_some() || program.is_code_mode() {
                return finding;
            }
        }
        let Carried {
            commands,
            suspects,
            unreadable,
        } = call::carried(
            &call.name,
            &input,
            &declared,
            self.rules,
            &self.bounds.programs,
        );
        self.commands(&commands)
            .or_else(|| {
                let are_many = suspects.len() > MOST_SUSPECTS;
                let mut asked = suspects.iter().filter(|suspect| {
                    !(are_many || suspect.is_long()) || declared.runs(&suspect.field)
                });
                asked.find_map(|suspect| self.suspect(suspect, &declared))
            })
            .or_else(|| {
                let mut written = writes::of(&call.name, &input).into_iter();
                written.find_map(|written| own::by_call(&written, self.rules))
            })
            // The arguments come from a program, so there is no JSON that a model could have
            // written better.
            .or_else(|| {
                unreadable
                    .filter(|_| self.depth == 0)
                    .map(|text| Finding::unreadable(&text))
            })
    }

    /// Reads all of the call's input as a program, if the tool may take programs.
    fn input(&self, name: &str, input: &Input<'_>, declared: &Declared<'_>) -> Option<Rc<Program>> {
        let text = input.text()?;
        call::takes_programs(name, declared, self.rules).then(|| self.bounds.programs.read(text))
    }

    /// Judges what a program does. It starts in this folder, if one is known.
    fn program(&self, program: &Program, folder: Option<&str>) -> Option<Finding> {
        if folder.is_none() && program.has_passed_at(self.depth) {
            return None;
        }
        let finding = self.deeds(program, folder);
        if folder.is_none() && finding.is_none() {
            program.passes_at(self.depth);
        }
        finding
    }

    fn deeds(&self, program: &Program, folder: Option<&str>) -> Option<Finding> {
        if self.depth >= DEEPEST {
            // Only somebody who hides a command in the last one nests programs so deeply.
            return (program.len() > 0).then(too_much);
        }
        let inner = Self {
            request: self.request.filter(|_| program.len() <= MOST_ASKED),
            rules: self.rules,
            bounds: self.bounds,
            depth: self.depth + 1,
        };
        program.deeds().find_map(|deed| match deed {
            Deed::Call(call) => {
                self.bounds.spend(STEPS_OF_A_CALL);
                inner.call(&call)
            }
            Deed::Command(text) => inner.command(&Command {
                text,
                folder: folder.map(str::to_owned),
            }),
        })
    }

    fn commands(&self, commands: &[Command]) -> Option<Finding> {
        // If the language of a text is unknown, a text of code mode is a program.
        let is_program = |command: &&Command| {
            matches!(&command.text, Text::Script(Language::JavaScript, source)
                if commands.len() > 1 && self.bounds.programs.read(source).is_code_mode())
        };
        let program = commands.iter().find(is_program);
        let is_other = |command: &&Command| match (program, &command.text) {
            (Some(program), Text::Cell(source)) => *source != program.text.line(),
            _ => true,
        };
        let mut others = commands.iter().filter(is_other);
        others.find_map(|command| self.command(command))
    }

    fn suspect(&self, suspect: &Suspect, declared: &Declared<'_>) -> Option<Finding> {
        let finding = self.command(&suspect.command)?;
        declared.runs(&suspect.field).then_some(finding)
    }

    fn command(&self, command: &Command) -> Option<Finding> {
        if let Some(finding) = extra(&command.text, self.rules) {
            return Some(finding);
        }
        if let Text::Script(Language::JavaScript, source) = &command.text {
            let program = self.bounds.programs.read(source);
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
        let mut follower = Follower::new(&watched)
            .in_folder(command.folder.as_deref())
            .with_tools(call::IN_SCRIPTS)
            .sharing(&self.bounds.steps);
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

impl Suspect {
    fn is_long(&self) -> bool {
        self.command.text.line().len() > LONGEST_SUSPECT
    }
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
