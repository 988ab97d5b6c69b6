//! Starts Redis, through which several Sluices tell each other what happens.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;

use super::{Site, free_port, loopback};
use crate::process::Process;

const START: Duration = Duration::from_secs(10);

/// Starts one that keeps nothing on disk. Returns its URL too.
pub(crate) async fn redis(site: &Site) -> anyhow::Result<(Process, String)> {
    let port = free_port()?;
    let mut command = Command::new("redis-server");
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(&site.folder);
    let started = Process::start("redis", &mut command, &site.log("redis"));
    let mut process = started.context("install Redis: apt-get install redis-server")?;
    let begun = Instant::now();
    while TcpStream::connect(loopback(port)).await.is_err() {
        process.check()?;
        if begun.elapsed() > START {
            bail!("Redis does not answer");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok((process, format!("redis://127.0.0.1:{port}/0")))
}
