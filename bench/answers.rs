//! Asks an address until it answers what is waited for: the same way, and as often, on both sides.

use std::time::Duration;

use reqwest::Client;

/// Between an answer and the next question. It is the error that both sides have.
const PAUSE: Duration = Duration::from_millis(2);

const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client without TLS needs nothing of the system")
}

/// Resolves when the address has answered exactly this text with status 200. Refused connections are asked again.
pub(crate) async fn until_answers(client: &Client, address: &str, expected: &str) {
    let asking = async {
        loop {
            if let Ok(answer) = client.get(address).send().await
                && answer.status() == 200
                && answer.text().await.is_ok_and(|text| text == expected)
            {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let answered = tokio::time::timeout(LIMIT, asking).await;
    answered.unwrap_or_else(|_| panic!("{address} did not answer {expected:?} within {LIMIT:?}"));
}
