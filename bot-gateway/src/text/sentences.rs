//! Every sentence of the bot: what it is for, its name in the files, and its values. Each becomes a method of [`Texts`].
//!
//! One that no screen says any more is dead code, and the compiler says so.

#[cfg(test)]
use super::Sentence;
use super::{Html, Kind, Texts, Value};

/// What a method of this kind returns, what it takes, and how it is said.
macro_rules! method {
    (html $name:ident ()) => {
        pub(crate) fn $name(&self) -> Html {
            Html(self.say(stringify!($name), Kind::Html, &[]))
        }
    };
    (html $name:ident ($($value:ident),+)) => {
        pub(crate) fn $name<'a>(&self $(, $value: impl Into<Value<'a>>)+) -> Html {
            Html(self.say(stringify!($name), Kind::Html, &[$((stringify!($value), $value.into())),+]))
        }
    };
    ($kind:ident $name:ident ()) => {
        pub(crate) fn $name(&self) -> String {
            self.say(stringify!($name), kind!($kind), &[])
        }
    };
    ($kind:ident $name:ident ($($value:ident),+)) => {
        pub(crate) fn $name<'a>(&self $(, $value: impl Into<Value<'a>>)+) -> String {
            self.say(stringify!($name), kind!($kind), &[$((stringify!($value), $value.into())),+])
        }
    };
}

macro_rules! kind {
    (html) => {
        Kind::Html
    };
    (label) => {
        Kind::Label
    };
    (alert) => {
        Kind::Alert
    };
    (line) => {
        Kind::Line
    };
    (placeholder) => {
        Kind::Placeholder
    };
}

macro_rules! sentences {
    ($($kind:ident $name:ident ($($value:ident),*);)+) => {
        impl Texts {
            $(method!($kind $name ($($value),*));)+
        }

        /// The list, for the tests that compare it with the files.
        #[cfg(test)]
        pub(crate) const ALL: &[Sentence] = &[
            $(Sentence { key: stringify!($name), kind: kind!($kind), values: &[$(stringify!($value)),*] }),+
        ];
    };
}

sentences! {
    // Captions, as the product knows them (product reference 2.4)
    label softphone();
    label new_account();
    label name();
    label login();
    label password();
    label templates();
    label domain();
    label proxy();
    label transport();
    label worker();
    label worker_auto();
    label codecs();
    label dtmf();
    label rules();
    label recording();
    label recording_chat();
    label user();
    label select_user();
    label select_chat();
    label select_channel();
    label unlink();
    label transfer();
    label transfer_back();
    label take();
    label go_to_calls();
    label reconnect();
    label hold();
    label resume();
    label decline();
    label end_call();
    label switch_line();
    label redial();
    label apply();
    label switch_on();
    label switch_off();
    label callback_switch_on();
    label callback_switch_off();
    label delete();
    label yes();
    label no();
    label back();
    label cancel();
    label help();

    // Captions of our own
    label language();
    label language_name();
    label chosen(name);
    label on();
    label off();
    label clear();
    label undo();
    label refresh();
    label up();
    label down();
    label entry_on(place, name);
    label entry_off(name);
    label type_list();
    label choose_chat();
    label open_bot();
    label open_account();
    label open_list();
    label back_to_account();
    label bulk_button();
    label share_help_button();
    label find_template();
    label templates_all();
    label rules_edit();
    label rules_clear();
    label try_number();
    label try_another();
    label lend();
    label lend_until();
    label end_loan();
    label transfer_bind();
    label transfer_unbind();
    label call_offer_back();
    label links_button();
    label links_copy();
    label recording_chat_here();
    label recording_chat_bot();
    label recording_chat_chosen();
    label you();
    label bulk_make();
    label bulk_send();
    label bulk_recall();
    label bulk_grant_give();
    label bulk_grant_assign();
    label bulk_batch(made, taken, offers);
    label inline_help();

    // The list
    label list_own(title, state);
    label list_assigned(title, state, user);
    label list_lent(title, state, user);
    label list_used(title, state, owner);
    label health_word_incomplete();
    label health_word_off();
    label health_word_waiting();
    label health_word_active();
    label health_word_failed(code);
    html list_title();
    html list_counts(total, owned, limit);
    html list_empty(bot);

    // Start and help
    html home_title();
    html home_text();
    html help_title();
    html help_get(bot);
    html help_hand_over();
    html help_back(bot);
    html help_call();
    html help_commands();
    html share_help_title();
    html share_help_grammar(bot);
    html share_help_parts();
    html share_help_examples(bot);
    html share_help_after();
    html languages_text();
    line command_softphone();
    line command_new();
    line command_phone();
    line command_bulk();
    line command_language();
    line command_help();
    line command_cancel();

    // The card
    html card_title(title, number);
    html card_state(state);
    html card_user(user);
    html card_lent(user, at, left);
    html card_borrowed(at, left);
    html card_owner(owner);
    html card_user_may();
    html card_write_first(account);
    html card_pending(left);
    html card_gone();
    html health_missing(missing);
    html health_incomplete();
    html health_off();
    html health_waiting();
    html health_active();
    html health_failed(code, reason, means);
    html sip_credentials();
    html sip_unknown();
    html sip_silent();
    html sip_nowhere();
    html sip_unavailable();
    html sip_provider();
    html sip_other();

    // Asking for a value
    html waiting_title(title);
    html waiting_current(value);
    html prompt_text(caption, title);
    html ask_name();
    html ask_login();
    html ask_password();
    html ask_domain();
    html ask_proxy();
    html ask_codecs();
    html ask_dtmf();
    html ask_rules();
    html ask_try_number();
    html ask_find_template();
    html ask_loan_end(example);
    placeholder hint_name();
    placeholder hint_login();
    placeholder hint_password();
    placeholder hint_domain();
    placeholder hint_proxy();
    placeholder hint_codecs();
    placeholder hint_dtmf();
    placeholder hint_rules();
    placeholder hint_try_number();
    placeholder hint_find_template();
    placeholder hint_loan_end();
    html wrong_again();
    html password_saved(title);
    html password_saved_delete_yourself(title);
    html input_cancelled();
    html nothing_awaited();

    // What is wrong with a value
    html bad_loan_end(example);
    html bad_loan_end_past(now);
    html bad_loan_end_far();
    html bad_empty();
    html bad_too_long(max);
    html bad_blanks();
    html bad_host(value);
    html bad_port(value);
    html bad_codec(value);
    html bad_dtmf(value);
    html bad_twice(value);
    html bad_code(value);
    html bad_rule(rule, why);
    html bad_too_many_rules(max);
    line line_empty();
    line line_too_long(max);
    line line_blanks();
    line line_host(value);
    line line_port(value);
    line line_codec(value);
    line line_dtmf(value);
    line line_twice(value);
    line line_code(value);
    line line_rule(rule, why);
    line line_too_many_rules(max);
    line rule_nothing_to_find();
    line rule_unclosed_group();
    line rule_unopened_group();
    line rule_unclosed_class();
    line rule_nothing_to_repeat();
    line rule_bad_count();
    line rule_bad_range();
    line rule_bad_escape();
    line rule_look_around();
    line rule_back_reference();
    line rule_no_such_group(group);
    line rule_too_big();

    // Templates, codecs, rules, worker, recording
    html templates_title(title);
    html templates_text(range, total);
    html templates_found(search, total);
    html templates_none(search);
    html codecs_text(title);
    html dtmf_text(title);
    html rules_title(title);
    html rules_none();
    html rules_list();
    html rules_line(place, rule);
    html rules_explained();
    html trace_title(title);
    html trace_input(number);
    html trace_replaced(place, rule, after, times);
    html trace_emptied(place, rule);
    html trace_nothing(place, rule);
    html trace_passed(place, rule);
    html trace_stopped(place, rule);
    html trace_grew(place, rule);
    html trace_allowed(number);
    html trace_empty();
    html trace_refused(rule);
    html trace_too_long();
    html and_more(count);
    html worker_title(title);
    html worker_text();
    html recording_chat_title(title);
    html recording_chat_text(chat);
    html recording_chat_pick();
    html recording_chat_saved(chat);
    html recording_chat_unreachable(chat);
    html recording_chat_test(title, by);
    html recording_chat_trying(chat);

    // User, loan, transfer
    html user_title(title);
    html user_own();
    html user_assigned(user);
    html user_lent(user, at, left);
    html user_explained();
    html lend_title(title);
    html lend_text();
    html pick_user(title);
    html pick_borrower(title, span);
    html pick_borrower_until(title, at);
    html pick_recipient(title);
    html picked_user(user, title);
    html picked_borrower(user, title, span);
    html picked_borrower_until(user, title, at);
    html picked_recipient(user, title);
    html picked_unreachable(bot);
    html transfer_title(title);
    html transfer_assign();
    html transfer_give();
    html transfer_open();
    html transfer_bound(user);

    // Delete
    html delete_ask(title);
    html delete_ask_used(title, user);
    html delete_ask_return(title, owner);
    html deleted(title);
    html given_back(title, owner);

    // Special messages in chats
    html offer_assign(from, title);
    html offer_give(from, title);
    html offer_return(from, title);
    html offer_take_away(from, title);
    html offer_server(server);
    html offer_assign_means(from);
    html offer_give_means();
    html offer_return_means();
    html offer_take_away_means();
    html offer_for(user);
    html offer_for_anyone();
    html offer_until(left, at);
    html taken_assign(by, title);
    html taken_give(by, title);
    html taken_back(by, title);
    html offer_expired(title, from);
    html offer_cancelled(title, from);
    html offer_undone(title, from);

    // Inline results
    line share_give(login, server);
    line share_assign(login, server);
    line share_give_description(understood);
    line share_assign_description(understood);
    line understood_password(count);
    line understood_domain(domain);
    line understood_rules(rules);
    line result_assign();
    line result_assign_description(title);
    line result_transfer();
    line result_transfer_description(title);
    line result_return();
    line result_return_description(title, owner);
    line result_take_away();
    line result_take_away_description(title);
    line result_prepared(title);
    line result_prepared_description(at);
    line hint_form();
    line hint_nothing();
    line hint_password_missing();
    line hint_server_missing();
    line hint_too_long(max);
    line hint_bad_login(why);
    line hint_bad_password(why);
    line hint_no_template(typed);
    line hint_bad_server(typed);
    line hint_needs_server(name);
    line hint_domain_alone(typed);
    line hint_bad_codecs(why);
    line hint_bad_dtmf(why);
    line hint_codecs_twice();
    line hint_dtmf_twice();
    line hint_rules_last(typed);
    line hint_bad_rules(why);
    line private_only();
    line private_only_description();
    html hint_message(bot);

    // Notices
    html news_taken_assign(title, by);
    html news_taken_transfer(title, by);
    html news_taken_return(title, by);
    html news_taken_away_self(title);
    html news_undo();
    html news_expired(title);
    html news_list_over(server);
    html news_undone(title, by);
    html news_assigned(title, by);
    html news_unassigned(title, by);
    html news_lent(title, by, at, left);
    html news_loan_ended(title, user);
    html news_loan_over(title, owner);
    html news_given_back(title, by);
    html news_taken_away(title, by);
    html news_deleted(title, by);
    html news_registered(title);
    html news_failed(title, code, reason, means);

    // Refusals: what is the case, and what next
    alert refused_no_account();
    alert refused_number_taken();
    alert refused_not_owner();
    alert refused_not_yours();
    alert refused_incomplete();
    alert refused_over(since);
    alert refused_taken();
    alert refused_cancelled();
    alert refused_no_offer();
    alert refused_for_another();
    alert refused_own_offer();
    alert refused_already_yours();
    alert refused_nobody();
    alert refused_take_away();
    alert refused_touched();
    alert refused_not_undoable();
    alert refused_again();
    alert refused_loan_end();
    alert refused_not_due(due);

    // Toasts and alerts
    alert toast_saved();
    alert toast_applied();
    alert toast_nothing_to_apply();
    alert toast_switched_on();
    alert toast_switched_off();
    alert toast_callback_on();
    alert toast_callback_off();
    alert toast_menu_updated();
    alert toast_language();
    alert toast_deleted();
    alert toast_given_back();
    alert toast_unlinked();
    alert toast_taken();
    alert toast_undone();
    alert toast_offer_cancelled();
    alert toast_added();
    alert toast_dropped();
    alert trouble_fault();
    alert trouble_too_fast();
    alert trouble_stale();
    alert trouble_limit(limit);
    alert trouble_input_over();
    alert trouble_draft_over();
    alert trouble_bad_link();
    alert trouble_bad_file();

    // Links
    html link_confirm(login, server);
    html link_confirm_means();
    html links_title(title);
    html links_means();
    html links_plain(link);
    html links_base64(line, link);
    html links_share();
    line links_login();
    line links_password();
    line links_server();

    // Many at once
    html bulk_title();
    html bulk_how();
    html bulk_example();
    html bulk_then();
    html bulk_preview(count, server);
    html bulk_problem(line, why);
    html bulk_accounts();
    html bulk_line(line, login);
    html bulk_line_named(line, login, name);
    html bulk_nothing();
    html bulk_preview_next();
    html bulk_board(server);
    html bulk_counts(total, made, sent, taken, over);
    html bulk_made(title);
    html bulk_sent(title, left);
    html bulk_taken(title, by);
    html bulk_expired(title);
    html bulk_cancelled(title);
    html bulk_board_next();

    // Words
    line account_without_name();
    line person_without_name(id);
    line span_minutes(count);
    line span_hours(count);
    line span_days(count);
    line moment_today(time);
    line moment_later(day, time);

    // What is wrong with a line of a list
    line bulk_login_missing();
    line bulk_password_missing();
    line bulk_bad_login(why);
    line bulk_bad_password(why);
    line bulk_bad_name(why);
    line bulk_twice(first);
    line bulk_open_quote();
    line bulk_too_many_values();
    line bulk_too_many_lines(max, count);

    // From a number to a call
    html dial_number(number);
    html dial_which_line();
    html dial_which_number();
    html dial_bad_number();
    html dialled_as(title, number);
    html dialled_empty(title);
    html dialled_refused(title, rule);
    html dialled_too_long(title);
    html no_lines(number);
    html no_lines_nobody();
    html no_lines_next();
    html no_line_state(title, state);
    html no_line_used(title);

    // The card of a call
    html call_to(who);
    html call_from(who);
    html call_missed(who);
    html call_number(number);
    html call_line(title);
    html call_other_line(who);
    line call_unknown();
    html call_asked();
    html call_calling_you();
    html call_calling_you_app();
    html call_calling_you_page();
    html call_awaits_app(account, count);
    html call_awaits_page(count);
    html call_flood();
    html call_dialling();
    html call_ringing();
    html call_rings_you();
    html call_rings_you_app();
    html call_rings_you_page();
    html call_rings_second();
    html call_talking(at);
    html call_held(at);
    html call_code(code, reason);
    html over_you(time);
    html over_them(time);
    html over_you_declined();
    html over_they_declined();
    html over_you_talked();
    html over_busy();
    html over_missed(at);
    html over_no_answer();
    html over_caller_gave_up(at);
    html over_you_did_not_answer();
    html over_cancelled();
    html over_failed();
    html over_lost();
    html over_transferred(time);
    label open_phone();
    label end_other();
    label call_back();
    label record_start();
    label record_starting();
    label record_stop();
    label record_saving();
    label record_locked();
    label record_failed();
    html transfer_ask(who);
    placeholder transfer_hint();
    html transfer_asked(who, number);
    html phone_text();
    html phone_none();
    label call_help_button();
    html call_help_title();
    html call_help_privacy(account);
    html call_help_devices();
    html call_help_page();
    html call_help_sound();
    html over_not_rung();
    html over_not_rung_in(at);
    line service_account();
    html not_rung_privacy(account);
    html not_rung_flood();
    html not_rung_unknown(account);
    html not_rung_outdated();
    html not_rung_slow();
    html not_rung_broken();
    html not_rung_page();
    html code_refused();
    html code_plan();
    html code_unknown();
    html code_silent();
    html code_unavailable();
    html code_codecs();
    html code_provider();
    html code_other();
    alert toast_recording();
    alert toast_recording_stops();
    alert toast_reconnecting();
    alert toast_asked_in_bot_chat(bot);
    alert toast_cancelling();
    alert alert_call_over();
    alert alert_not_now();
    alert alert_recording_locked();
    alert alert_recording_saving();
    alert alert_dial_too_fast();
    alert alert_choice_over();

    // Recordings
    html recorded_out(who);
    html recorded_in(who);
    html recorded_line(title, at, time);
    html recorded_by(user);
    html recording_lost_chat(chat);
    html recording_lost_chat_unnamed();
    html recording_owner_told(title);
    html recording_not_saved(who, reason);
}
