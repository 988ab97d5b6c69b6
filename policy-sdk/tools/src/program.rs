//! Reads programs that call tools into these calls.
//!
//! An agent in *code mode* has one tool, whose input is JavaScript that calls all others. Each call in
//! it becomes one as the model would have made it.

use std::cell::Cell;

use serde_json::{Value, json};
use sluice_policy_code::{Call, Target, UNKNOWN, Unreadable, calls, calls_sharing};
use sluice_policy_sdk::ToolCall;
use sluice_policy_shell::{Text, marks};

use crate::tool::IN_SCRIPTS;

/// Functions that run a command, with names that only a program would use.
const RUNNING: &[&str] = &["exec", "sh", "run", "system", "execute", "$"];
/// Functions that write a text to a file.
const WRITING: &[&str] = &[
    "writeFile",
    "writeFileSync",
    "appendFile",
    "appendFileSync",
    "writeTextFile",
    "writeTextFileSync",
    "outputFile",
    "outputFileSync",
];
/// Objects of the runtimes whose functions change files and end processes.
const RUNTIMES: &[&str] = &[
    "fs",
    "fs-extra",
    "fsExtra",
    "fse",
    "graceful-fs",
    "Deno",
    "process",
];
/// Functions that code mode offers besides the tools. No shell would read a call of one.
const OFFERED: &[&str] = &[
    "text(",
    "image(",
    "audio(",
    "notify(",
    "store(",
    "load(",
    "exit(",
    "yield_control(",
    "console.",
    "ALL_TOOLS",
];
/// Bun's function that writes its second argument to the file in its first.
const BUN_WRITE: &str = "Bun.write";

// Unknown parts of a program's texts stay unknown when a follower reads them.
const _: () = assert!(UNKNOWN == marks::UNKNOWN);

/// A program, as far as it was read.
#[derive(Debug)]
pub struct Program {
    calls: Vec<Call>,
    is_whole: bool,
    /// Whether it was read to its end and uses what code mode offers.
    has_offered: bool,
}

/// What a program does. Unknown parts of its texts are [`marks::UNKNOWN`], so a follower of its commands,
/// and of those in its calls, is one [with marks](sluice_policy_shell::Follower::with_marks).
#[derive(Debug, PartialEq, Eq)]
pub enum Deed {
    /// It calls a tool.
    Call(ToolCall),
    /// It starts a program or a shell itself.
    Command(Text),
}

impl Program {
    /// Reads a text as a script that runs by itself: it has no tools, so only what the runtime does counts.
    /// It takes its part of these steps, and is not read further than they allow. A step is worth about a
    /// thousand units of the host's fuel.
    pub fn script(source: &str, steps: &Cell<usize>) -> Self {
        let mut program = Self::of(source, calls_sharing(source, steps));
        program.calls.retain(|call| match &call.target {
            Target::Shell | Target::Program => true,
            Target::Runtime(name) => {
                let object = name.rsplit_once('.').map_or("", |(object, _)| object);
                RUNTIMES.contains(&object) || name == BUN_WRITE
            }
            Target::Tool(_) => false,
        });
        program
    }

    /// Reads a text as a program that calls tools.
    pub fn read(source: &str) -> Self {
        Self::of(source, calls(source))
    }

    fn of(source: &str, read: Result<Vec<Call>, Unreadable>) -> Self {
        let is_whole = read.is_ok();
        Self {
            is_whole,
            calls: read.unwrap_or_else(|unreadable| unreadable.calls),
            has_offered: is_whole && OFFERED.iter().any(|name| source.contains(name)),
        }
    }

    /// Whether it is certainly a program of code mode that was read to its end. Then only its calls
    /// run.
    pub fn is_code_mode(&self) -> bool {
        let is_tool = |call: &Call| matches!(call.target, Target::Tool(_));
        self.is_whole && (self.has_offered || self.calls.iter().any(is_tool))
    }

    /// How many calls it makes and commands it starts.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether it makes no call and starts no command.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// What it does, in about the order in which it would do it.
    pub fn deeds(&self) -> impl Iterator<Item = Deed> {
        self.calls.iter().map(deed)
    }
}

fn deed(call: &Call) -> Deed {
    match &call.target {
        Target::Shell => {
            let line = call.arguments.first().and_then(Value::as_str);
            Deed::Command(Text::Shell(line.unwrap_or_default().to_owned()))
        }
        Target::Program => {
            let words = call.arguments.iter().filter_map(Value::as_str);
            Deed::Command(Text::Words(words.map(str::to_owned).collect()))
        }
        Target::Runtime(name) if let Some(words) = as_command(name, &call.arguments) => {
            Deed::Command(Text::Words(words))
        }
        Target::Tool(name) | Target::Runtime(name) => Deed::Call(ToolCall {
            id: String::new(),
            name: name.clone(),
            arguments: arguments(name, call),
        }),
    }
}

/// Returns a function of the runtime that changes files or processes as the words of a command that
/// does the same.
fn as_command(name: &str, arguments: &[Value]) -> Option<Vec<String>> {
    let (object, function) = name.rsplit_once('.')?;
    if !RUNTIMES.contains(&object) {
        return None;
    }
    let word = |at: usize| match arguments.get(at) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => UNKNOWN.to_string(),
    };
    let words: [&str; 3] = match function.strip_suffix("Sync").unwrap_or(function) {
        "unlink" | "rm" | "remove" => ["rm", &word(0), ""],
        "rename" | "move" => ["mv", &word(0), &word(1)],
        "copyFile" | "cp" | "copy" => ["cp", &word(0), &word(1)],
        "symlink" | "link" | "ensureSymlink" => ["ln", &word(0), &word(1)],
        "truncate" => ["truncate", "--size=0", &word(0)],
        "createWriteStream" | "open" if opens_to_write(function, arguments) => {
            ["tee", "-a", &word(0)]
        }
        "chmod" | "lchmod" => ["chmod", &octal(arguments.get(1)), &word(0)],
        "chown" | "lchown" => ["chown", &word(1), &word(0)],
        "kill" => ["kill", &format!("-{}", signal(arguments.get(1))), &word(0)],
        _ => return None,
    };
    let words = words.iter().filter(|word| !word.is_empty());
    Some(words.map(|word| (*word).to_owned()).collect())
}

/// Whether a call that opens a file opens it for writing.
fn opens_to_write(function: &str, arguments: &[Value]) -> bool {
    let flags = arguments.get(1).and_then(Value::as_str).unwrap_or("r");
    function == "createWriteStream" || flags.contains(['w', 'a', '+'])
}

/// Returns a mode as `chmod` takes it.
fn octal(mode: Option<&Value>) -> String {
    match mode {
        Some(Value::Number(number)) => number
            .as_u64()
            .map_or_else(|| UNKNOWN.to_string(), |mode| format!("{mode:o}")),
        Some(Value::String(text)) => text.clone(),
        _ => UNKNOWN.to_string(),
    }
}

/// Returns a signal as `kill` takes it.
fn signal(signal: Option<&Value>) -> String {
    match signal {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(name)) => name.trim_start_matches("SIG").to_owned(),
        _ => "TERM".to_owned(),
    }
}

/// The arguments, as a model would write them.
fn arguments(name: &str, call: &Call) -> String {
    let last = name.rsplit(['.', '_']).next().unwrap_or(name);
    let runs = RUNNING.contains(&last) || IN_SCRIPTS.iter().any(|other| name.ends_with(other));
    match call.arguments.as_slice() {
        [Value::String(line)] | [Value::String(line), Value::Object(_), ..] if runs => {
            json!({ "command": line }).to_string()
        }
        [Value::String(program), Value::Array(words), ..] if runs => {
            let words = words.iter().filter_map(Value::as_str);
            let words: Vec<&str> = [program.as_str()].into_iter().chain(words).collect();
            json!({ "command": words }).to_string()
        }
        [Value::String(path), content, ..] if WRITING.contains(&last) || name == BUN_WRITE => {
            json!({ "path": path, "content": content }).to_string()
        }
        _ => call.json(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeds(source: &str) -> Vec<Deed> {
        Program::read(source).deeds().collect()
    }

    fn call(name: &str, arguments: &Value) -> Deed {
        Deed::Call(ToolCall {
            id: String::new(),
            name: name.to_owned(),
            arguments: arguments.to_string(),
        })
    }

    #[test]
    fn calls_are_what_a_model_would_have_made() {
        for (source, name, arguments) in [
            (
                "tools.exec_command({cmd: 'ls'})",
                "exec_command",
                json!({"cmd": "ls"}),
            ),
            (
                "tools.apply_patch('*** Begin Patch')",
                "apply_patch",
                json!("*** Begin Patch"),
            ),
            ("tools.update_plan()", "update_plan", json!({})),
            (
                "tools.exec_command('ls')",
                "exec_command",
                json!({"command": "ls"}),
            ),
            ("sh('ls', {cwd: '/'})", "sh", json!({"command": "ls"})),
            ("os.system('ls')", "os.system", json!({"command": "ls"})),
            ("run('ls', ['-l'])", "run", json!({"command": ["ls", "-l"]})),
            (
                "require('fs').writeFileSync('a', 'b')",
                "fs.writeFileSync",
                json!({"path": "a", "content": "b"}),
            ),
        ] {
            assert_eq!(deeds(source), [call(name, &arguments)], "{source}");
        }
    }

    #[test]
    fn programs_that_it_starts_are_commands() {
        let words = ["ls", "-l"].map(str::to_owned).to_vec();
        let source =
            "const cp = require('child_process'); cp.execSync('ls'); cp.spawn('ls', ['-l'])";
        let expected = [Text::Shell("ls".to_owned()), Text::Words(words)];
        assert_eq!(deeds(source), expected.map(Deed::Command));
    }

    #[test]
    fn only_what_was_read_to_its_end_is_known_to_do_nothing_else() {
        for source in [
            "tools.a({})",
            "text('rm -rf /')",
            "ALL_TOOLS.map((t) => t.name)",
        ] {
            assert!(Program::read(source).is_code_mode(), "{source}");
        }
        for source in [
            "fs.a({})",
            "tools.a({}); no program",
            "reboot",
            "(reboot)",
            "text() { reboot; }",
        ] {
            assert!(!Program::read(source).is_code_mode(), "{source}");
        }
    }
}
