//! The wrappers by name, and how each takes its command.

/// How the arguments of a wrapper are read.
pub(super) struct Wrapper {
    /// Its options that take a value as the next word.
    pub(super) valued: &'static [&'static str],
    /// Its options whose value is a text for a shell.
    pub(super) text_options: &'static [&'static str],
    /// How many operands come before the command.
    pub(super) operands: usize,
    /// The index of the first word to read: behind the name, and behind the subcommand that runs a
    /// command.
    pub(super) start: usize,
    /// How the command is written.
    pub(super) inner: Inner,
}

/// How the command behind a wrapper's own arguments is written.
#[derive(Clone, Copy)]
pub(super) enum Inner {
    /// As words.
    Words,
    /// As words that are joined for a shell.
    Text,
    /// As texts, each for a shell.
    Texts,
    /// As words, run on another machine or in a container.
    Elsewhere,
}

const PLAIN: Wrapper = Wrapper {
    valued: &[],
    text_options: &[],
    operands: 0,
    start: 1,
    inner: Inner::Words,
};

/// More operands than any command has: everything that it runs is in its text options.
const NOTHING_BEHIND: usize = 1_000;

const SUDO: &[&str] = &[
    "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group",
    "--host", "--prompt", "--chdir", "--role", "--type",
];

const CONTAINER: &[&str] = &[
    "-e",
    "-u",
    "-w",
    "-v",
    "-p",
    "-h",
    "-l",
    "-m",
    "-c",
    "-n",
    "--env",
    "--env-file",
    "--user",
    "--workdir",
    "--volume",
    "--publish",
    "--name",
    "--network",
    "--net",
    "--entrypoint",
    "--mount",
    "--platform",
    "--cpus",
    "--memory",
    "--gpus",
    "--add-host",
    "--hostname",
    "--label",
    "--user",
    "--pull",
    "--shm-size",
    "--ulimit",
    "--device",
    "--cap-add",
    "--security-opt",
    "--namespace",
    "--container",
    "--index",
    "--detach-keys",
    "--context",
    "--restart",
    "--ipc",
    "--pid",
    "--tmpfs",
];

const SSH: &[&str] = &[
    "-p", "-i", "-l", "-o", "-F", "-J", "-L", "-R", "-D", "-b", "-c", "-E", "-m", "-S", "-W", "-w",
];

/// Returns the wrapper of this name, if its arguments make it run a command.
pub(super) fn find(name: &str, argv: &[String]) -> Option<Wrapper> {
    simple(name, argv).or_else(|| with_subcommand(name, argv))
}

fn valued(valued: &'static [&'static str], operands: usize) -> Wrapper {
    Wrapper {
        valued,
        operands,
        ..PLAIN
    }
}

fn simple(name: &str, argv: &[String]) -> Option<Wrapper> {
    Some(match name {
        "nohup" | "builtin" | "busybox" | "toybox" | "setsid" | "unbuffer" | "unshare"
        | "chronic" | "torsocks" | "cross-env" | "dbus-run-session" | "rlwrap" | "proxychains"
        | "fakeroot" | "eatmydata" | "command" | "caffeinate" | "bunx" | "pnpx" | "gosu"
        | "firejail" => PLAIN,
        "uvx" => valued(&["--from", "--with", "--python", "-p"], 0),
        "proot" => valued(&["-r", "-b", "-w", "-R", "-S"], 0),
        "sudo" | "doas" | "pkexec" | "sudo-rs" => valued(SUDO, 0),
        "env" => Wrapper {
            text_options: &["-S", "--split-string"],
            ..valued(&["-u", "-C", "--unset", "--chdir"], 0)
        },
        "npx" => Wrapper {
            text_options: &["-c", "--call"],
            ..valued(&["-p", "--package"], 0)
        },
        "nice" | "renice" => valued(&["-n"], 0),
        "ionice" => valued(&["-c", "-n"], 0),
        "time" | "gtime" => valued(&["-f", "-o"], 0),
        "timeout" | "gtimeout" => valued(&["-k", "-s", "--kill-after", "--signal"], 1),
        "stdbuf" => valued(&["-i", "-o", "-e"], 0),
        "exec" => valued(&["-a"], 0),
        "chroot" | "taskset" | "chrt" => valued(&["-c", "-p"], 1),
        "strace" | "ltrace" => valued(&["-e", "-o", "-s", "-P", "-E", "-u"], 0),
        "xvfb-run" => valued(&["-s", "-n", "-e", "-f", "-w"], 0),
        "systemd-run" => valued(&["-p", "-u", "--unit", "--property", "--uid"], 0),
        "systemd-inhibit" => valued(&["--what", "--who", "--why", "--mode"], 0),
        "setpriv" | "capsh" | "nsenter" => valued(&["-t", "--target"], 0),
        "flock" => Wrapper {
            text_options: &["-c", "--command"],
            ..valued(&["-w", "-E", "--timeout"], 1)
        },
        "runuser" if argv.iter().any(|word| word == "-u") => valued(&["-u", "-g", "-s"], 0),
        "su" | "runuser" => Wrapper {
            text_options: &["-c", "--command", "--session-command"],
            ..valued(&["-u", "-g", "-s"], 1)
        },
        "script" => Wrapper {
            text_options: &["-c", "--command"],
            ..valued(&[], 1)
        },
        "nix-shell" => Wrapper {
            text_options: &["--run", "--command"],
            ..valued(&["-p", "-A"], NOTHING_BEHIND)
        },
        "watch" => Wrapper {
            inner: Inner::Text,
            ..valued(&["-n", "--interval"], 0)
        },
        "hyperfine" | "concurrently" => Wrapper {
            inner: Inner::Texts,
            ..valued(
                &["-w", "-r", "-n", "-c", "--warmup", "--runs", "--names"],
                0,
            )
        },
        "tmux" => Wrapper {
            start: 2,
            inner: Inner::Texts,
            ..valued(&["-t", "-s", "-n", "-c", "-x", "-y"], 0)
        },
        "screen" => valued(&["-S", "-dmS", "-L", "-c", "-h", "-T"], 0),
        "wsl" if !has_own_verb(argv) => Wrapper {
            inner: Inner::Words,
            ..valued(&["-d", "--distribution", "-u", "--user", "--cd"], 0)
        },
        "ssh" => Wrapper {
            inner: Inner::Elsewhere,
            ..valued(SSH, 1)
        },
        _ => return None,
    })
}

/// Whether `wsl` manages a system, and does not run something in it.
fn has_own_verb(argv: &[String]) -> bool {
    let verbs = [
        "--unregister",
        "--shutdown",
        "--terminate",
        "-t",
        "--list",
        "-l",
        "--install",
    ];
    argv.get(1)
        .is_some_and(|word| verbs.contains(&word.as_str()))
}

fn with_subcommand(name: &str, argv: &[String]) -> Option<Wrapper> {
    let subcommand = argv.get(1).map(String::as_str).unwrap_or_default();
    let runner = &[
        "--with",
        "--python",
        "-p",
        "--extra",
        "--group",
        "--project",
        "--env-file",
        "-n",
    ];
    match (name, subcommand) {
        ("uv" | "poetry" | "pipenv" | "pdm" | "rye" | "conda" | "mamba" | "micromamba", "run") => {
            behind_subcommand(valued(runner, 0))
        }
        ("op" | "doppler" | "infisical" | "hatch", "run") => behind_subcommand(PLAIN),
        ("bundle" | "npm" | "pnpm" | "yarn" | "mise" | "asdf" | "rbenv" | "pyenv", "exec") => {
            behind_subcommand(PLAIN)
        }
        ("pnpm" | "yarn", "dlx") => behind_subcommand(PLAIN),
        ("mise", "x") => behind_subcommand(PLAIN),
        ("direnv" | "aws-vault", "exec") => behind_subcommand(valued(&[], 1)),
        ("nix", "develop" | "shell") => {
            let has_name = argv.get(2).is_some_and(|word| !word.starts_with('-'));
            behind_subcommand(valued(&[], usize::from(has_name)))
        }
        ("docker" | "podman" | "nerdctl", "exec" | "run") => behind_subcommand(container()),
        ("docker-compose", "exec" | "run") => behind_subcommand(container()),
        ("docker" | "podman" | "nerdctl", "compose") => {
            let at = argv
                .iter()
                .position(|word| word == "exec" || word == "run")?;
            Some(Wrapper {
                start: at + 1,
                ..container()
            })
        }
        ("kubectl" | "oc", "exec") => behind_subcommand(container()),
        _ => None,
    }
}

fn behind_subcommand(wrapper: Wrapper) -> Option<Wrapper> {
    Some(Wrapper {
        start: 2,
        ..wrapper
    })
}

fn container() -> Wrapper {
    Wrapper {
        inner: Inner::Elsewhere,
        ..valued(CONTAINER, 1)
    }
}
