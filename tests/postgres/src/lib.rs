//! Starts a throwaway PostgreSQL, one for each test binary, or one whose data stays for a bench.
//!
//! It listens on a socket in a folder of its own, so it needs no port. A shell watches over it: when the test binary
//! ends, however it ends, its pipe to the shell closes, and the shell ends the server and removes the folder.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What to do if PostgreSQL is missing.
pub const HINT: &str =
    "PostgreSQL is not installed: run `cargo xtask setup`, or `apt-get install postgresql`";

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(60);

/// Makes a cluster, says where, and ends it when the pipe closes. Nothing is synced: its data outlives no crash. The data
/// stays if a folder is named for it.
const SCRIPT: &str = r#"
folder=$(mktemp -d /tmp/sluice-postgres.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
data=${2:-$folder/data}
[ -f "$data/PG_VERSION" ] \
    || "$1/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 \
    || { cat "$folder/log" >&2; exit 1; }
"$1/postgres" -D "$data" -k "$folder" -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=200 >>"$folder/log" 2>&1 </dev/null &
server=$!
echo "$folder"
read -r _
kill -INT "$server"
wait "$server"
"#;

/// A running server.
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    databases: AtomicUsize,
    /// Closing it ends the server.
    _pipe: ChildStdin,
    _shell: Child,
}

/// The server of this process. The first call starts it.
///
/// # Panics
///
/// If PostgreSQL is missing or does not start.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(None).unwrap_or_else(|error| panic!("{error}")))
}

/// Whether PostgreSQL's programs are on this machine.
pub fn is_installed() -> bool {
    programs().is_some()
}

impl Server {
    /// Starts a server whose data stays in a folder, from one run to the next. One at a time may use it.
    ///
    /// # Panics
    ///
    /// If PostgreSQL is missing or does not start.
    pub fn kept(data: &Path) -> Self {
        let started = own(data).and_then(|()| Self::start(Some(data)));
        started.unwrap_or_else(|error| panic!("{error}"))
    }

    fn start(data: Option<&Path>) -> Result<Self, String> {
        let programs = programs().ok_or(HINT)?;
        let mut shell = as_owner()
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(&programs)
            .args(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
        let pipe = shell.stdin.take().ok_or("the shell has no pipe")?;
        let output = shell.stdout.take().ok_or("the shell has no output")?;
        let mut folder = String::new();
        let read = BufReader::new(output).read_line(&mut folder);
        let folder = PathBuf::from(folder.trim());
        if read.is_err() || !folder.is_dir() {
            return Err("PostgreSQL's cluster could not be made".to_owned());
        }
        let server = Self {
            programs,
            folder,
            databases: AtomicUsize::new(0),
            _pipe: pipe,
            _shell: shell,
        };
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < START {
            let ready = self.client("pg_isready").arg("--quiet").status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("PostgreSQL does not answer".to_owned())
    }

    /// Makes an empty database. Returns its URL.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        let made = self.client("createdb").arg(&name).status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "cannot make a database"
        );
        self.url(&name)
    }

    /// The URL of a database that is there.
    pub fn url(&self, name: &str) -> String {
        let folder = self.folder.display();
        format!("postgres://postgres@localhost/{name}?host={folder}")
    }

    /// Runs statements in a database that no test uses.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub fn run(&self, sql: &str) {
        let quiet = [
            "--quiet",
            "--output=/dev/null",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            "postgres",
        ];
        let ran = self.client("psql").args(quiet).args(["-c", sql]).status();
        assert!(ran.is_ok_and(|status| status.success()), "{sql}");
    }

    /// A client program that talks to this server.
    fn client(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(["-U", "postgres", "-h"]).arg(&self.folder);
        command
    }
}

/// Runs a program as whoever owns the cluster: PostgreSQL refuses to run as root.
fn as_owner() -> Command {
    let mut command = Command::new("env");
    if is_root() {
        command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]);
    }
    command.current_dir("/tmp");
    command
}

/// Makes a folder that belongs to whoever owns the cluster.
fn own(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("cannot make a folder: {error}"))?;
    if !is_root() {
        return Ok(());
    }
    let owned = Command::new("chown").arg("postgres").arg(folder).status();
    let owned = owned.is_ok_and(|status| status.success());
    owned
        .then_some(())
        .ok_or_else(|| "cannot give a folder to PostgreSQL".to_owned())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// The folder of the programs: Debian keeps each version apart, others put them on the path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    let mut found: Vec<_> = folders.filter(|folder| has(folder)).collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest = found.pop();
    newest.or_else(|| std::env::split_paths(&path).find(|folder| has(folder)))
}

fn has(folder: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|program| folder.join(program).is_file())
}
