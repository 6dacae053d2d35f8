//! An app in front of Telegram's frames and the library's words.

use super::*;

fn frame(frame: Value) -> Frame {
    serde_json::from_value(frame).unwrap()
}

fn signed_in() -> Calls {
    let mut calls = Calls::new(7, vec!["8.0.0".to_owned()]);
    calls.hear(
        frame(json!({"type": "ready", "user": {"id": 1}, "dh": {"g": 3, "p": "cA==", "random": "cg=="}})),
        0,
    );
    calls
}

fn ringing() -> Calls {
    let mut calls = signed_in();
    let from = json!({"id": 2, "name": "Olga"});
    let protocol = json!({"min_layer": 92, "max_layer": 92, "udp_p2p": true, "udp_reflector": true,
        "library_versions": ["8.0.0"]});
    let deeds = calls.hear(
        frame(
            json!({"type": "requested", "call": "5", "from": from, "g_a_hash": "aA==", "protocol": protocol}),
        ),
        0,
    );
    assert_eq!(deeds, [Deed::Say(json!({"type": "received", "call": "5"}))]);
    calls
}

fn act(calls: &mut Calls, action: Value) -> Result<Vec<Deed>, String> {
    calls.act(serde_json::from_value(action).unwrap(), 1)
}

fn begun() -> Value {
    json!({"type": "call", "call": "5", "g_a_or_b": "Z2E=", "fingerprint": "9", "connections": [], "p2p_allowed": true,
        "protocol": {"min_layer": 92, "max_layer": 92, "udp_p2p": true, "udp_reflector": true,
            "library_versions": ["8.0.0"]}})
}

fn orders(deeds: &[Deed]) -> Vec<&str> {
    let what = |deed: &'_ Deed| match deed {
        Deed::Order(order) => order["do"].as_str().map(str::to_owned),
        Deed::Say(_) | Deed::Leave => None,
    };
    let known = ["begin", "agree", "say", "connect", "signal", "stop"];
    deeds.iter().filter_map(what).filter_map(|it| known.into_iter().find(|known| *known == it)).collect()
}

#[test]
fn an_answered_call_agrees_on_a_key_before_it_connects_and_hears_early_signals_after() {
    let mut calls = ringing();
    let deeds = act(&mut calls, json!({"action": "answer"})).unwrap();
    assert_eq!(orders(&deeds), ["begin"]);
    let deeds = calls.told(7, Told::Offer { bytes: "Z2I=".to_owned() }, 2);
    assert!(matches!(&deeds[..], [Deed::Say(frame)] if frame["type"] == "accept" && frame["g_b"] == "Z2I="));
    assert_eq!(calls.hear(frame(json!({"type": "signal", "call": "5", "data": "cw=="})), 3), []);
    assert_eq!(orders(&calls.hear(frame(begun()), 4)), ["agree", "say", "connect", "signal"]);
    calls.told(7, Told::State { state: "CONNECTED".to_owned() }, 5);
    assert_eq!(calls.view()["calls"][0]["state"], "talking");
}

#[test]
fn who_declines_says_busy_and_so_does_who_talks_already() {
    let mut calls = ringing();
    let other =
        json!({"type": "requested", "call": "6", "from": {"id": 3, "name": "Petr"}, "g_a_hash": "aA=="});
    assert_eq!(calls.hear(frame(other), 1), [discard("6", "busy")]);
    let deeds = act(&mut calls, json!({"action": "decline"})).unwrap();
    assert_eq!(deeds[0], discard("5", "busy"));
    assert_eq!(act(&mut calls, json!({"action": "answer"})), Err("No call rings.".to_owned()));
}

#[test]
fn a_call_that_is_hung_up_before_telegram_names_it_is_discarded_when_it_does() {
    let mut calls = signed_in();
    act(&mut calls, json!({"action": "call", "to": "tandem_calls"})).unwrap();
    let deeds = act(&mut calls, json!({"action": "hangup"})).unwrap();
    assert_eq!(orders(&deeds), ["stop"]);
    let named = frame(json!({"type": "waiting", "call": "8", "ringing": false}));
    assert_eq!(calls.hear(named, 2), [discard("8", "missed")]);
}

#[test]
fn a_caller_shows_its_key_only_once() {
    let mut calls = signed_in();
    act(&mut calls, json!({"action": "call", "to": 10099})).unwrap();
    let deeds = calls.told(7, Told::Offer { bytes: "aA==".to_owned() }, 1);
    assert!(matches!(&deeds[..], [Deed::Say(frame)] if frame["type"] == "request" && frame["to"] == 10099));
    calls.hear(frame(json!({"type": "waiting", "call": "5", "ringing": true})), 2);
    let accepted = || frame(json!({"type": "accepted", "call": "5", "g_b": "Z2I="}));
    assert_eq!(orders(&calls.hear(accepted(), 3)), ["agree"]);
    assert_eq!(calls.hear(accepted(), 3), []);
    let agreed = Told::Agreed { g_a: "Z2E=".to_owned(), fingerprint: "9".to_owned() };
    assert!(matches!(&calls.told(7, agreed, 4)[..], [Deed::Say(frame)] if frame["type"] == "confirm"));
    assert_eq!(orders(&calls.hear(frame(begun()), 5)), ["say", "connect"]);
}

#[test]
fn a_call_that_finds_no_way_is_discarded() {
    let mut calls = ringing();
    act(&mut calls, json!({"action": "answer"})).unwrap();
    calls.hear(frame(begun()), 4);
    let deeds = calls.told(7, Told::State { state: "TIMEOUT".to_owned() }, 5);
    assert_eq!((&deeds[0], orders(&deeds)), (&discard("5", "disconnect"), vec!["stop"]));
    assert_eq!(calls.view()["last_ended"]["reason"], "disconnect");
}
