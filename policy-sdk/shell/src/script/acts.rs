//! The calls that matter, by name.

use crate::language::Language;

/// The effect of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Starts a command, given as a text for a shell or as words.
    Run,
    /// Starts a program whose words repeat its name first.
    RunNamed,
    /// Deletes a folder with everything in it.
    Delete,
    /// Deletes. With an option, it deletes a folder with everything in it.
    DeleteIfRecursive,
    /// Opens a file, perhaps to write to it.
    Open,
    /// Writes its second argument to the file that its first argument names.
    Put,
    /// Appends its second argument to that file.
    Add,
    /// Writes the file that its second argument names, from the first.
    Copy,
    /// Writes its first argument to the file on which it is called.
    PutToObject,
    /// Adds its argument to the file that was opened last.
    Say,
    /// Saves what the address in its first argument gives in the file that its second names.
    Download,
    /// Does to files or processes what the command of this name does, with the same words.
    Command(&'static str),
    /// Changes the mode of the file that its first argument names.
    Mode,
    /// Ends a process.
    Kill,
    /// Applies a patch.
    Patch,
    /// Runs a text in its own language.
    Evaluate,
    /// Makes an agent's tool run a text in a shell.
    Tool,
}

/// The effect of a call with this name.
pub(super) fn of(language: Language, name: &str) -> Option<Act> {
    let (path, last) = name.rsplit_once('.').unwrap_or(("", name));
    let act = match last {
        "system"
        | "popen"
        | "getoutput"
        | "getstatusoutput"
        | "shell_exec"
        | "passthru"
        | "execSync"
        | "execaCommand"
        | "execaCommandSync"
        | "check_call"
        | "check_output"
        | "Popen"
        | "spawn"
        | "spawnSync"
        | "execFile"
        | "execFileSync"
        | "execa"
        | "execaSync"
        | "proc_open"
        | "capture2"
        | "capture2e"
        | "capture3"
        | "popen2"
        | "popen3"
        | "create_subprocess_shell"
        | "create_subprocess_exec"
        | "getline" => Act::Run,
        "run" | "call" if path.ends_with("subprocess") || matches!(path, "sp" | "pexpect") => {
            Act::Run
        }
        "run" | "call" if path.is_empty() && language == Language::Python => Act::Run,
        "execute" if path == "os" => Act::Run,
        "Command" if path == "Deno" => Act::Run,
        "script" if language == Language::AppleScript => Act::Run,
        "exec" => match language {
            Language::Python if path.is_empty() => Act::Evaluate,
            _ => Act::Run,
        },
        "eval" | "Function" | "loadstring" | "instance_eval" | "assert"
            if last != "assert" || language == Language::Php =>
        {
            Act::Evaluate
        }
        "execv" | "execve" | "execvp" | "execvpe" | "execl" | "execlp" | "execle" | "spawnl"
        | "spawnlp" | "spawnv" | "spawnvp" | "posix_spawn" | "posix_spawnp" => Act::RunNamed,
        "rmtree"
        | "remove_tree"
        | "rm_rf"
        | "rm_r"
        | "remove_dir"
        | "remove_entry"
        | "rimraf"
        | "remove_entry_secure"
        | "rimrafSync"
        | "emptyDirSync"
        | "emptyDir"
        | "deleteAsync"
        | "removeSync" => Act::Delete,
        "sync" if path.ends_with("rimraf") => Act::Delete,
        "remove" if matches!(path, "fse" | "fsExtra") => Act::Delete,
        "rm" | "rmSync" | "rmdir" | "rmdirSync" | "remove" if language == Language::JavaScript => {
            Act::DeleteIfRecursive
        }
        "apply_patch" | "applyPatch" => Act::Patch,
        _ => return of_files(language, path, last),
    };
    Some(act)
}

/// The effect of a call that opens or writes files.
fn of_files(language: Language, path: &str, last: &str) -> Option<Act> {
    Some(match last {
        "open" | "openSync" | "fopen" | "sysopen" => Act::Open,
        "writeFileSync" | "writeFile" | "createWriteStream" | "file_put_contents"
        | "outputFileSync" | "outputFile" | "writeTextFile" | "writeTextFileSync" | "binwrite" => {
            Act::Put
        }
        "write" if matches!(path, "File" | "IO" | "Bun" | "Deno") => Act::Put,
        "appendFileSync" | "appendFile" => Act::Add,
        "write_text" | "write_bytes" if language == Language::Python => Act::PutToObject,
        "write" | "writelines" | "puts" if !path.starts_with("sys") && path != "STDOUT" => Act::Say,
        "truncate" if path == "os" => Act::Put,
        "urlretrieve" => Act::Download,
        "remove" | "unlink" if path == "os" => Act::Command("rm"),
        "unlink" if path.is_empty() && matches!(language, Language::Perl | Language::Php) => {
            Act::Command("rm")
        }
        "unlink" if language == Language::Python => Act::Command("rm"),
        "delete" | "rm" | "rm_f" if matches!(path, "File" | "FileUtils") => Act::Command("rm"),
        "chmod" if path == "os" => Act::Mode,
        "chown" if matches!(path, "os" | "shutil") => Act::Command("chown"),
        "kill" | "killpg" if path == "os" => Act::Kill,
        "move" if path == "shutil" => Act::Command("mv"),
        "rename" | "replace" if path == "os" => Act::Command("mv"),
        "mv" if path == "FileUtils" => Act::Command("mv"),
        "copyFileSync" | "copyFile" | "renameSync" | "cpSync" | "symlinkSync" | "copyfile"
        | "copy2" => Act::Copy,
        "copy" if path == "shutil" => Act::Copy,
        "symlink" | "link" if path == "os" => Act::Copy,
        "cp" | "ln_s" | "install" if path == "FileUtils" => Act::Copy,
        _ => return None,
    })
}

/// Whether this name in an argument fetches something from elsewhere.
pub(super) fn is_fetch(name: &str) -> bool {
    const FETCHES: &[&str] = &[
        "urlopen",
        "requests",
        "httpx",
        "fetch",
        "axios",
        "URI",
        "LWP",
        "HTTP",
        "urllib",
        "get",
        "file_get_contents",
        "got",
    ];
    name.split('.').any(|part| FETCHES.contains(&part))
}
