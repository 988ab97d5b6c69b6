//! The operators' door of a running Sluice, as commands go through it.
//!
//! A command does not send its key to whoever happens to listen there. Over the same connection it first has the other
//! side prove that it knows the key, and that it was reached where the command connected to.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use hyper::StatusCode;
use serde::de::DeserializeOwned;
use sluice_api::{Problem, Proof};

use super::address::Address;
use super::connection::{Answer, Connection, Question};
use crate::auth::{AdminKey, Nonce, proved_address};
use crate::telemetry::clip;

/// Where a proof is asked for.
const CHALLENGE: &str = "/api/v1/challenge";
/// How long the other side may take for its proof.
const PROOF: Duration = Duration::from_secs(5);

/// A door, and the key to it.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) address: Address,
    pub(super) key: AdminKey,
    /// Where the Sluice behind a tunnel is reached, if the user says so.
    pub(super) behind: Option<SocketAddr>,
}

/// Why a command did not get in.
#[derive(Debug)]
pub(super) enum NotLetIn {
    /// It has no key.
    NoKey,
    /// Nobody answers, or not as Sluice does.
    NoAnswer(anyhow::Error),
    /// Who answers did not prove to be the Sluice of this key, so the key was not sent.
    NotProved,
    /// Who answers passes on what it is asked to the Sluice at this address, so the key was not sent.
    PassedOn(String),
    /// It was refused.
    Refused(Problem),
}

impl Door {
    /// Connects, and has the other side prove that it is the Sluice of this key.
    pub(super) async fn connect(&self) -> Result<Connection, NotLetIn> {
        let opened = Connection::open(&self.address).await;
        let mut connection = opened.map_err(NotLetIn::NoAnswer)?;
        let nonce = Nonce::generate().context("ask the system for randomness");
        let nonce = nonce.map_err(NotLetIn::NoAnswer)?;
        let question = Question::get(format!("{CHALLENGE}?nonce={}", nonce.text()));
        let question = question.within(PROOF);
        let answer = connection.ask(question, None).await;
        let proof: Proof = told(CHALLENGE, answer).await.map_err(harmless)?;
        if !self.key.is_proved_by(&proof.proof, &nonce, &proof.address) {
            return Err(NotLetIn::NotProved);
        }
        match self.is_where(&proof.address, connection.peer()) {
            true => Ok(connection),
            false => Err(NotLetIn::PassedOn(proof.address)),
        }
    }

    /// Whether a Sluice that was reached at `address` is the one that a connection to `peer` leads to. On this machine both
    /// are the same, unless somebody is in between. On a network addresses are translated, and who could be in between
    /// there could read what is sent without TLS anyway; but a Sluice that was reached on its own machine, or at another
    /// port of the same address, was reached by somebody in between.
    fn is_where(&self, address: &str, peer: SocketAddr) -> bool {
        let peer = proved_address(peer);
        match self.behind {
            Some(behind) => address == proved_address(behind).to_string(),
            None if peer.ip().is_loopback() => address == peer.to_string(),
            None => address.parse::<SocketAddr>().is_ok_and(|reached| {
                !reached.ip().is_loopback() && (reached.ip() != peer.ip() || reached == peer)
            }),
        }
    }

    /// Asks something. What is not answered with success is an error.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, NotLetIn> {
        let path = question.path.clone();
        let mut connection = self.connect().await?;
        let answer = connection.ask(question, Some(&self.key)).await;
        let answer = answer.map_err(NotLetIn::NoAnswer)?;
        match answer.status.is_success() {
            true => Ok(answer),
            false => Err(refused(&path, answer).await),
        }
    }

    /// Asks something that is answered with JSON.
    pub(super) async fn told<T: DeserializeOwned>(
        &self,
        question: Question,
    ) -> Result<T, NotLetIn> {
        let path = question.path.clone();
        let answer = self.ask(question).await?;
        told(&path, Ok(answer)).await
    }
}

impl NotLetIn {
    /// What is wrong, and what to do about it.
    pub(super) fn what_to_do(&self, url: &Address) -> String {
        match self {
            Self::NoKey => "set SLUICE_ADMIN_KEY or `--admin-key-file` to the admin key \
                 (`sluice admin reset-key` makes another)"
                .to_owned(),
            Self::NoAnswer(error) => {
                format!("{error:#}; is {url} where operators are served (`--admin-url`)?")
            }
            Self::NotProved => format!(
                "what listens at {url} did not prove that it is the Sluice of this admin key, so the key was not sent to \
                 it: the key is an old one, or that is not your Sluice"
            ),
            Self::PassedOn(address) => format!(
                "what listens at {url} passes on what it is asked to the Sluice at {address}, so the key was not sent to \
                 it: if that is a tunnel of yours, say so with `--admin-address {address}`"
            ),
            Self::Refused(problem) => format!("{url} answers: {}", problem.detail),
        }
    }
}

/// Reads an answer that is JSON.
async fn told<T: DeserializeOwned>(
    path: &str,
    answer: anyhow::Result<Answer>,
) -> Result<T, NotLetIn> {
    let answer = answer.map_err(NotLetIn::NoAnswer)?;
    if !answer.status.is_success() {
        return Err(refused(path, answer).await);
    }
    let body = answer.whole().await.map_err(NotLetIn::NoAnswer)?;
    let told = serde_json::from_slice(&body);
    told.with_context(|| format!("the answer of `{path}` is not that of this version of Sluice"))
        .map_err(NotLetIn::NoAnswer)
}

async fn refused(path: &str, answer: Answer) -> NotLetIn {
    let status = answer.status;
    let body = answer.whole().await.unwrap_or_default();
    match serde_json::from_slice(&body) {
        Ok(problem) => NotLetIn::Refused(problem),
        Err(_) => NotLetIn::NoAnswer(not_sluices(path, status)),
    }
}

/// Takes what a terminal obeys out of the words of somebody who proved nothing.
fn harmless(not: NotLetIn) -> NotLetIn {
    match not {
        NotLetIn::Refused(problem) => NotLetIn::Refused(Problem {
            detail: clip(&problem.detail).into_owned(),
            ..problem
        }),
        not => not,
    }
}

fn not_sluices(path: &str, status: StatusCode) -> anyhow::Error {
    anyhow::anyhow!("`{path}` answered {status}, so it is not Sluice that listens there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_this_machine_a_proof_is_for_the_address_that_was_connected_to() {
        let key: AdminKey = "sla_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwdrXXAD"
            .parse()
            .unwrap();
        let door = |behind: Option<&str>| Door {
            address: "http://127.0.0.1:8081".parse().unwrap(),
            key: key.clone(),
            behind: behind.map(|address| address.parse().unwrap()),
        };
        let here = "127.0.0.1:8081";
        for (behind, proved, peer, is_it) in [
            (None, here, here, true),
            (None, here, "[::ffff:127.0.0.1]:8081", true),
            (None, "127.0.0.1:9091", here, false),
            (None, here, "[::1]:8081", false),
            (None, "10.1.2.3:8081", "10.9.9.9:80", true),
            (Some("172.17.0.2:8081"), "172.17.0.2:8081", here, true),
            (Some("172.17.0.2:8081"), here, here, false),
        ] {
            let found = door(behind).is_where(proved, peer.parse().unwrap());
            assert_eq!(found, is_it, "{behind:?} {proved} {peer}");
        }
    }
}
