# The words of the bot in English. Every sentence is listed in sentences.rs with its values.

## Captions, as the product knows them (product reference 2.4)

softphone = Softphone
new_account = New
name = Name
login = Login
password = Password
templates = Settings templates
domain = Domain
proxy = Proxy
transport = Transport
worker = Worker
worker_auto = Auto
codecs = Audio Codecs
dtmf = DTMF Methods
rules = Dial Rules
recording = Call recording
recording_chat = Chat for recordings
user = User
select_user = Select user
select_chat = Select chat
select_channel = Select channel
unlink = Unlink
transfer = Transfer
transfer_back = Transfer back
take = Take
go_to_calls = Go to calls
reconnect = Reconnect 🔄
hold = Hold
resume = Resume
decline = Decline
end_call = End
switch_line = Switch
redial = Redial
apply = Apply
switch_on = Switch on
switch_off = Switch off
callback_switch_on = Switch on Callback mode
callback_switch_off = Switch off Callback mode
delete = Delete
yes = Yes
no = No
back = Back
cancel = Cancel
help = Help

## Captions of our own

language = Language
language_name = English
chosen = { $name }: chosen
on = on
off = off
clear = Clear
undo = Undo
refresh = Refresh
up = Up
down = Down
entry_on = { $place }. { $name }: on
entry_off = { $name }: off
type_list = Type the list
choose_chat = Choose a chat
open_bot = Open the bot
open_account = Open the account
open_list = Open the list
back_to_account = Back to the account
bulk_button = Many at once
share_help_button = How to share settings
find_template = Find by name
templates_all = All templates
rules_edit = Edit rules
rules_clear = Remove all rules
try_number = Try a number
try_another = Try another number
lend = Lend for a while
lend_until = Type a date or a length
end_loan = Take back now
transfer_bind = For one person only
transfer_unbind = For anyone in the chat
call_offer_back = Call the offer back
links_button = Links for a web page
links_copy = Copy the form
recording_chat_here = Send them to the bot's chat
recording_chat_bot = chat with the bot
recording_chat_chosen = chosen
you = you
bulk_make = Make the offers
bulk_send = Send
bulk_recall = Call back
bulk_grant_give = They become: owners
bulk_grant_assign = They become: users
bulk_batch = { $made }: { $taken } of { $offers } taken
inline_help = How to share settings

## The list

list_own = { $title } · { $state }
list_assigned = { $title } · used by { $user } · { $state }
list_lent = { $title } · lent to { $user } · { $state }
list_used = { $title } · owner { $owner } · { $state }
health_word_incomplete = not complete ⚪
health_word_off = off ⚪
health_word_waiting = connecting 🔵
health_word_active = registered 🟢
health_word_failed = error { $code } 🔴
list_title = <b>Your SIP accounts</b>
list_counts =
    { $total ->
         [one] { $total } account
        *[other] { $total } accounts
    } in the list; you own { $owned } of at most { $limit }.
    Press one to see and change its settings.
list_empty =
    You have no SIP account yet. There are three ways to get one:

    1. Press <b>New</b> and type the login and password of your provider or PBX.
    2. Ask a colleague to share one: they type <code>@{ $bot } login password server</code> in your chat, and you press <b>Take</b>.
    3. Open a link from your provider: the account is added after one <b>Yes</b>.

## Start and help

home_title = <b>Your SIP accounts, right in Telegram</b>
home_text =
    Keep the accounts of your providers and PBXes here, set them up once, and hand them to the people who need them: for good, for a while, or only to use.
    You can take an account back at any time.
    To call somebody, send me a number or a contact.
help_title = <b>Help</b>
help_get =
    <b>Get an account.</b> Press New and fill in login, password and a template or domain.
    Or let somebody share one with you:
    <code>@{ $bot } 79261234567 secret multifon</code>
    They type that in your chat with them and send it; you press Take within 5 minutes.
help_hand_over =
    <b>Hand it over.</b> In the account, <i>User</i> lets somebody use it at once and <i>Transfer</i> makes an offer in a chat.
    An assigned user has it in their list and can give it back. A new owner can do everything.
help_back =
    <b>Get it back.</b> From an assigned user: <i>User</i>, then <i>Unlink</i>.
    After a full transfer: press <i>Transfer back</i> in the chat and add the account's password, like
    <code>@{ $bot } 123456789 secret</code>
help_call =
    <b>Call.</b> Send me a number, a contact, a SIP address, or <code>call echo</code> for a name. I ring you, and dial when you answer.
    Who calls you is shown here, with a keypad for voice menus, hold, transfer and recording.
help_commands =
    /softphone your accounts
    /new add one
    /phone the phone, in a window of its own
    /bulk many at once, for a team
    /language English or Russian
share_help_title = <b>Share settings by one message</b>
share_help_grammar =
    In a private chat with the person, type:
    <code>@{ $bot } login password template</code>
    or, without a template,
    <code>@{ $bot } login password server [domain] [codecs] [dtmf] [rules]</code>
share_help_parts = The beginning of a template's name is enough. A domain goes only with a server. Codecs and DTMF methods are lists with commas. Rules come last.
share_help_examples =
    <code>@{ $bot } 79261234567 secret multi</code>
    <code>@{ $bot } 1001 secret pbx.example.com:5070</code>
    <code>@{ $bot } 1001 secret pbx.example.com opus,alaw rfc2833 ^8=7</code>
share_help_after =
    You see what was understood and choose: <b>Give</b> makes the taker the owner, <b>Assign</b> leaves you the owner.
    The message has a Take button. It works once, for 5 minutes, and the password is never in the chat.
languages_text = Which language should the bot speak?
command_softphone = Your SIP accounts
command_new = Add a SIP account
command_phone = Open the phone
command_bulk = Hand out many accounts at once
command_language = English or Russian
command_help = How it works
command_cancel = Leave what you are typing

## The card

card_title =
    <b>{ $title }</b>
    SIP account { $number }
card_state = State: { $state }
card_user = User: { $user }
card_lent = { $user }, on loan until { $at } ({ $left } left)
card_borrowed = On loan to you until { $at } ({ $left } left).
card_owner = Owner: { $owner }
card_write_first = To be rung in Telegram, send any message to @{ $account } once.
card_user_may =
    This account is yours to use. Only its owner changes the settings.
    <i>Transfer back</i> offers it to the owner in a chat; <i>Delete</i> gives it back at once.
card_pending = Your changes act when you press <b>Apply</b>, or by themselves in { $left }.
card_gone = This account is no longer in your list: it was deleted, or it is somebody else's now.
health_missing = not complete. Still needed: { $missing }.
health_incomplete = not complete. Login, password and domain are needed.
health_off = switched off
health_waiting = connecting to the provider
health_active = registered
health_failed =
    not registered, <code>{ $code } { $reason }</code>
    { $means }
sip_credentials = The provider does not accept the login or the password. Check both, then press Apply.
sip_unknown = The provider does not know this login. Check login and domain.
sip_silent = The server did not answer. Check domain, proxy, port and transport.
sip_nowhere = There is no server of this name. Check domain and proxy.
sip_unavailable = The provider says the line is not available now. It is tried again by itself.
sip_provider = The provider has trouble. It is tried again by itself.
sip_other = Ask your provider what this code means.

## Asking for a value

waiting_title = <b>{ $title }</b>
waiting_current = Now: <code>{ $value }</code>
prompt_text =
    <b>{ $caption }</b> · { $title }
    Send it as a reply to this message. /cancel leaves everything as it is.
ask_name = Send a name for this account, as it should stand in lists. For example: <code>Office, second line</code>
ask_login = Send the SIP login that your provider gave you. For example: <code>1001</code> or <code>79261234567</code>
ask_password = Send the SIP password. The bot deletes your message at once and keeps the password encrypted. It is never shown again.
ask_domain = Send the SIP server, with a port where it is not the usual one. For example: <code>sip.example.com</code> or <code>pbx.example.com:5070</code>
ask_proxy = Send the registration server, if it differs from the domain. For example: <code>proxy.example.com:5061</code>
ask_codecs =
    Send the audio codecs, the best first, with commas. For example: <code>opus,alaw,mulaw</code>
    Known: opus, g722, alaw, mulaw, g729, gsm.
ask_dtmf =
    Send the DTMF methods, the first to try first, with commas. For example: <code>rfc2833,info</code>
    Known: rfc2833 (recommended), info, inband.
ask_rules =
    Send the whole list of rules, with spaces between them. For example:
    <code>[^+*#\w]= ^8=7</code>
    takes out spaces, brackets and dashes, and then makes a first 8 a 7. A single <code>=</code> removes all rules.
ask_try_number = Send a number as you would dial it. Nobody is called. For example: <code>8 (926) 123-45-67</code>
ask_find_template = Send the beginning of the provider's or PBX's name. For example: <code>aster</code>
ask_loan_end =
    Until when? Send a date, a date with a time in UTC, or how long. For example: <code>{ $example }</code>, <code>{ $example } 18:00</code> or <code>3 days</code>
    A date alone means until that day is over (UTC). A loan lasts a year at most.
hint_name = Office, second line
hint_login = 1001
hint_password = SIP password
hint_domain = sip.example.com:5060
hint_proxy = proxy.example.com
hint_codecs = opus,alaw,mulaw
hint_dtmf = rfc2833,info
hint_rules = {"["}^+*#\w]= ^8=7
hint_try_number = 8 (926) 123-45-67
hint_find_template = The beginning of its name
hint_loan_end = 3 days
wrong_again = Send it again, or /cancel to leave it as it is.
password_saved = The password of { $title } is saved. The message with it is deleted.
password_saved_delete_yourself = The password of { $title } is saved. <b>Please delete your message with it:</b> Telegram did not let the bot do it.
input_cancelled = Left as it was.
nothing_awaited = I don't know what to do with this text. To call, send a number, a contact, or for example <code>call echo</code>. To change a setting, open the account first.

## What is wrong with a value

bad_loan_end = I can't read a time in that. Right is, for example, <code>{ $example }</code>, <code>{ $example } 18:00</code> or <code>3 days</code>.
bad_loan_end_past = That moment has passed: it is { $now } now.
bad_loan_end_far = That is too far away: a loan lasts a year at most.
bad_empty = That was empty.
bad_too_long = That is too long: at most { $max ->
         [one] { $max } character
        *[other] { $max } characters
    }.
bad_blanks = There may be no spaces, no <code>@</code> and no line breaks in it.
bad_host = <code>{ $value }</code> is not a server. Right is, for example, <code>sip.example.com</code> or <code>192.0.2.1:5070</code>.
bad_port = <code>{ $value }</code> is not a port. It is a number from 1 to 65535.
bad_codec = I don't know the codec <code>{ $value }</code>. Known: opus, g722, alaw, mulaw, g729, gsm.
bad_dtmf = I don't know the DTMF method <code>{ $value }</code>. Known: rfc2833, info, inband.
bad_twice = <code>{ $value }</code> is there twice.
bad_code = <code>{ $value }</code> is not the code of a template: letters, digits, <code>-</code> and <code>_</code>.
bad_rule = The rule <code>{ $rule }</code> can't be used: { $why }. Your old rules stay.
bad_too_many_rules = There may be at most { $max ->
         [one] { $max } rule
        *[other] { $max } rules
    }.
line_empty = it is empty
line_too_long = longer than { $max ->
         [one] { $max } character
        *[other] { $max } characters
    }
line_blanks = no spaces, no @ and no line breaks allowed
line_host = { $value } is not a server
line_port = { $value } is not a port from 1 to 65535
line_codec = unknown codec { $value }
line_dtmf = unknown DTMF method { $value }
line_twice = { $value } is there twice
line_code = { $value } is not the code of a template
line_rule = rule { $rule }: { $why }
line_too_many_rules = more than { $max ->
         [one] { $max } rule
        *[other] { $max } rules
    }
rule_nothing_to_find = nothing stands before =
rule_unclosed_group = a ( is not closed
rule_unopened_group = a ) was not opened
rule_unclosed_class = a [ is not closed
rule_nothing_to_repeat = there is nothing to repeat; a plus sign is written \+
rule_bad_count = there must be a count in the braces, like 9
rule_bad_range = a range in [ ] runs backwards
rule_bad_escape = the backslash stands before a letter that means nothing there
rule_look_around = looking ahead or behind is not supported
rule_back_reference = a group can be repeated only to the right of =
rule_no_such_group = there is no group { $group }
rule_too_big = it is too big

## Templates, codecs, rules, worker, recording

templates_title = <b>Settings templates</b> for { $title }
templates_text = { $total ->
         [one] { $total } template
        *[other] { $total } templates
    } in alphabetical order, here { $range }. One fills in domain, transport, codecs and rules; login and password stay.
templates_found = { $total ->
         [one] { $total } template begins
        *[other] { $total } templates begin
    } with <code>{ $search }</code>.
templates_none = No template begins with <code>{ $search }</code>. Try a shorter beginning, or type the domain yourself.
codecs_text =
    <b>Audio Codecs</b> of { $title }
    The first one that the provider knows too is used. If calls break off or are silent, leave only alaw and mulaw on.
dtmf_text =
    <b>DTMF Methods</b> of { $title }
    How pressed keys reach voice menus, tried in this order. Most providers want rfc2833.
rules_title = <b>Dial Rules</b> of { $title }
rules_none = No rules: every number is dialled as you type it.
rules_list = Rules, from first to last:
rules_line = { $place }. <code>{ $rule }</code>
rules_explained =
    A rule with <code>=</code> replaces what its left side finds: <code>^8=7</code> makes a first 8 a 7.
    A rule without it is a filter: with <code>^79\d{"{"}9{"}"}$</code> only such numbers may be dialled.
trace_title = <b>Dial Rules</b> of { $title }: a try
trace_input = Dialled: <code>{ $number }</code>
trace_replaced = { $place }. <code>{ $rule }</code> replaces { $times ->
         [one] one place
        *[other] { $times } places
    }: <code>{ $after }</code>
trace_emptied = { $place }. <code>{ $rule }</code> takes everything out
trace_nothing = { $place }. <code>{ $rule }</code> finds nothing
trace_passed = { $place }. <code>{ $rule }</code> lets it pass
trace_stopped = { $place }. <code>{ $rule }</code> stops it
trace_grew = { $place }. <code>{ $rule }</code> makes it too long
trace_allowed = The provider gets <b><code>{ $number }</code></b>
trace_empty = Nothing is left of the number, so there would be no call.
trace_refused = <b>Not dialled with this account:</b> the filter <code>{ $rule }</code> does not fit. The account is not offered for this number.
trace_too_long = <b>Not dialled:</b> the number is too long.
and_more = … and { $count } more
worker_title = <b>Worker</b> of { $title }: Auto
worker_text =
    A worker is a server that registers an account and carries its sound.
    There is only one kind so far, chosen for you, so there is nothing to choose here.
recording_chat_title = <b>Chat for recordings</b> of { $title }
recording_chat_text =
    Recordings will go to: { $chat }
    A recording comes when its call or the recording ends.
    To choose another place, add the bot to that group or channel with the right to post, and press a button below the input field.
recording_chat_pick = Where should recordings go?
recording_chat_saved = Recordings will go to { $chat }.
recording_chat_unreachable = The bot can't post in { $chat }, so recordings will come to the user's chat with the bot. Add the bot there with the right to post, and choose the chat again.
recording_chat_test = Recordings of { $title } will be posted here. { $by } chose this chat.
recording_chat_trying = I try whether I can post in { $chat }…

## User, loan, transfer

user_title = <b>User</b> of { $title }
user_own = You use this account yourself.
user_assigned = Used by { $user }. You stay the owner.
user_lent = On loan to { $user } until { $at } ({ $left } left). Then it comes back by itself.
user_explained = <i>Select user</i> works at once, without a Take. The user has the account in their list, and can change nothing.
lend_title = <b>Lend</b> { $title }
lend_text = For how long? Then it comes back to you by itself, and you can take it back earlier.
pick_user = Who should use { $title }? Press the button below the input field.
pick_borrower = To whom do you lend { $title } for { $span }? Press the button below the input field.
pick_borrower_until = To whom do you lend { $title } until { $at }? Press the button below the input field.
pick_recipient = Who is the offer of { $title } for? Only this person can take it. Press the button below the input field.
picked_user = { $user } uses { $title } now.
picked_borrower = { $title } is on loan to { $user } for { $span }.
picked_borrower_until = { $title } is on loan to { $user } until { $at }.
picked_recipient = The offer of { $title } will be for { $user } only.
picked_unreachable = I can't write to them yet. Ask them to open @{ $bot } and press Start.
transfer_title = <b>Transfer</b> { $title }
transfer_assign =
    <b>Assign a user:</b> they use it, you stay the owner.
    You take it back at any time, without asking.
transfer_give =
    <b>Transfer the account:</b> they become the owner, and it leaves your list.
    You get it back only from them, or with its password.
transfer_open = Choose a chat, then the kind, and send the message. Whoever presses Take first within 5 minutes gets the account; press it yourself to call the offer back.
transfer_bound = Only { $user } will be able to take it, within 5 minutes. Choose your chat with them, then the kind, and send the message.

## Delete

delete_ask = Delete <b>{ $title }</b>? Its settings and its password are erased for good.
delete_ask_used = Delete <b>{ $title }</b>? { $user } uses it and loses it too. Its settings and its password are erased for good.
delete_ask_return = Give <b>{ $title }</b> back? It leaves your list; the owner, { $owner }, keeps it.
deleted = { $title } is deleted.
given_back = { $title } is given back to { $owner }.

## Special messages in chats

offer_assign =
    <b>{ $from } lets you use a SIP account</b>
    { $title }
offer_give =
    <b>{ $from } gives you a SIP account</b>
    { $title }
offer_return =
    <b>{ $from } gives a SIP account back</b>
    { $title }
offer_take_away =
    <b>{ $from } takes a SIP account back</b>
    { $title }
offer_server = Server: { $server }
offer_assign_means = You get it in your list, to use. The settings stay with { $from }.
offer_give_means = It becomes yours, with all its settings.
offer_return_means = Press Take to have it in your list again.
offer_take_away_means = The sender knows the password and takes the account with the button below.
offer_for = Only for { $user }.
offer_for_anyone = For whoever presses first.
offer_until = It can be taken for { $left }, until { $at }.
taken_assign = <b>Set up.</b> { $by } uses { $title } now.
taken_give = <b>Set up.</b> { $title } belongs to { $by } now.
taken_back = <b>Done.</b> { $title } is back with { $by }.
offer_expired = The offer of { $title } from { $from } has expired. Nobody took it.
offer_cancelled = { $from } called the offer of { $title } back.
offer_undone = { $from } took { $title } back. The offer is over.

## Inline results

share_give = Give { $login } at { $server }
share_assign = Assign { $login } at { $server }
share_give_description = They become the owner · { $understood }
share_assign_description = You stay the owner · { $understood }
understood_password = password of { $count ->
         [one] { $count } character
        *[other] { $count } characters
    }
understood_domain = domain { $domain }
understood_rules = rules { $rules }
result_assign = Assign a user to the SIP account
result_assign_description = { $title }: they use it, you stay the owner
result_transfer = Transfer the SIP account
result_transfer_description = { $title }: they become the owner, it leaves your list
result_return = Give the SIP account back
result_return_description = { $title }: back to { $owner }, who presses Take
result_take_away = Take the SIP account back
result_take_away_description = { $title }: the password fits. Send this and press Take yourself
result_prepared = Send { $title }
result_prepared_description = Once sent, it can be taken for 5 minutes. Prepared until { $at }
hint_form = login password template|server [domain] [codecs] [dtmf] [rules]
hint_nothing = Type a login
hint_password_missing = Now a space and the password
hint_server_missing = Now a space and a template or a server
hint_too_long = Too long: at most { $max ->
         [one] { $max } character
        *[other] { $max } characters
    }
hint_bad_login = The login: { $why }
hint_bad_password = The password: { $why }
hint_no_template = No template begins with { $typed }, and it is not a server
hint_bad_server = { $typed } is not a server. Right is sip.example.com or host:port
hint_needs_server = { $name } needs your server: a space and its address
hint_domain_alone = { $typed }: a domain goes only with a server, not with a template
hint_bad_codecs = Codecs: { $why }
hint_bad_dtmf = DTMF methods: { $why }
hint_codecs_twice = There are two lists of codecs. Join them with commas
hint_dtmf_twice = There are two lists of DTMF methods. Join them with commas
hint_rules_last = { $typed } stands after the rules. Rules come last
hint_bad_rules = Rules: { $why }
private_only = Open a private chat
private_only_description = Accounts are offered to one person, in your chat with them
hint_message = SIP accounts are shared in a private chat: <code>@{ $bot } login password server</code>

## Notices

news_taken_assign = { $by } took your offer and uses { $title } now.
news_taken_transfer = { $by } took your offer. { $title } belongs to them now.
news_taken_return = { $title } is back with { $by }.
news_taken_away_self = { $title } is yours again.
news_undo = Not the right person? <i>Undo</i> works until they change something.
news_expired = Nobody took { $title } in time. The account is as it was; you can offer it again.
news_list_over = The time of your list on { $server } is over. Some of its offers were never sent, and nobody got them: the list shows which.
news_undone = { $by } took { $title } back, because it was untouched. It is no longer in your list.
news_assigned = { $by } made you the user of { $title }. It is in your list now.
news_unassigned = { $title } is no longer yours to use: { $by }, its owner, took it back.
news_lent = { $by } lent you { $title } until { $at } ({ $left }). Then it goes back by itself.
news_loan_ended = The loan of { $title } to { $user } is over. You use it yourself again.
news_loan_over = Your loan of { $title } is over. It is back with { $owner }.
news_given_back = { $by } gave { $title } back. You use it yourself again.
news_taken_away =
    { $by }, an earlier owner, took { $title } back with its password. It is no longer in your list.
    If that was not agreed, change the password at your provider.
news_deleted = { $title } is gone: { $by }, its owner, deleted it.
news_registered = { $title } is active: the provider accepted it.
news_failed =
    { $title } can't be registered: <code>{ $code } { $reason }</code>
    { $means }

## Refusals: what is the case, and what next

refused_no_account = This account is not in your list. Press /softphone to see what you have.
refused_number_taken = That number was just given to another account. Please try again.
refused_not_owner = Only the owner of this account may do that. Ask the owner, or give the account back.
refused_not_yours = This account is neither yours nor for you to use. Press /softphone to see what you have.
refused_incomplete = Login, password or domain is still missing. Fill them in, then press this again.
refused_over = This offer is over since { $since }. Ask the sender for a new one.
refused_taken = Somebody else took this first. Ask the sender for a new one.
refused_cancelled = The sender called this offer back. Ask them if you still need it.
refused_no_offer = There is no such offer any more. Ask the sender for a new one.
refused_for_another = This offer is for another person. Ask the sender to send one to you.
refused_own_offer = This is your own offer: the other person presses Take. To have the account yourself, add it with /new.
refused_already_yours = You already have this account. Press /softphone to open it.
refused_nobody = Nobody gave you this account, so there is nobody to give it back to. You can transfer it instead.
refused_take_away = This account can't be taken back so. Check the number and the password.
refused_touched = Too late to undo: the account was changed since it was taken. Ask for it back, or take it with its password.
refused_not_undoable = This can't be undone. You can offer the account again.
refused_again = The account changed at the same moment. Please press once more.
refused_loan_end = A loan ends between now and a year from now. Choose another time.
refused_not_due = It is too early: this happens at { $due }.

## Toasts and alerts

toast_saved = Saved. Press Apply, or it acts in 5 minutes.
toast_applied = Applied
toast_nothing_to_apply = Nothing to apply: all settings act already.
toast_switched_on = Switched on
toast_switched_off = Switched off
toast_callback_on = Callback mode is on: send a number, answer the ring, and you are connected.
toast_callback_off = Callback mode is off: send a number, then call within a minute to be connected.
toast_menu_updated = Menu updated
toast_language = I speak English now
toast_deleted = Deleted
toast_given_back = Given back
toast_unlinked = You use it yourself again
toast_taken = Taken. The account is in your list.
toast_undone = Undone. The account is as it was.
toast_offer_cancelled = The offer is called back
toast_added = Added to your list
toast_dropped = Dropped. Nothing was changed.
trouble_fault = Something went wrong on our side. Nothing was changed. Please try again in a minute.
trouble_too_fast = That was too fast for me. Wait a few seconds and press again.
trouble_stale = This menu is too old. Press /softphone for a fresh one.
trouble_limit = You already own { $limit ->
         [one] { $limit } account
        *[other] { $limit } accounts
    }, the most one person may. Delete or transfer one, then press again.
trouble_input_over = I no longer wait for this value. Open the account and press the button again.
trouble_draft_over = What you typed is no longer kept. Please type it again.
trouble_bad_link = This link can't be used: it is damaged, or its template is unknown. Ask for a new one.
trouble_bad_file = I can read text and CSV files up to 256 KB. Please send such a file, or the list as a message.

## Links

link_confirm = Add the SIP account <b>{ $login }</b> on <b>{ $server }</b>?
link_confirm_means = You opened a link with its settings. Say Yes only if you know who made the link. The account becomes yours alone.
links_title = <b>Links</b> with settings like those of { $title }
links_means = Whoever opens such a link gets the account as their own. Put it on a page only its user sees, such as a personal page at your company.
links_plain =
    Plain form, for login and password of <code>A-Z a-z 0-9 _ -</code>:
    <code>{ $link }</code>
links_base64 =
    Any settings: encode this line in url-safe base64 (at most 48 bytes):
    <code>{ $line }</code>
    and put it here: <code>{ $link }</code>
links_share = To hand over one account to one person, a message in the chat is simpler and safer.
links_login = LOGIN
links_password = PASSWORD
links_server = SERVER

## Many at once

bulk_title = <b>Many accounts at once</b>
bulk_how = Send me a list as a message or a text or CSV file. First the template or server, then a line for each person: login, password and, if you like, a name.
bulk_example =
    <code>pbx.example.com</code>
    <code>1001 secret1 Anna</code>
    <code>1002 secret2 Petr</code>
bulk_then = Your message is deleted at once. You see what I understood, and then get a button for each person that sends the offer in your chat with them.
bulk_preview = <b>{ $count ->
         [one] { $count } account
        *[other] { $count } accounts
    }</b> on { $server }
bulk_problem = Line { $line } is left out: { $why }
bulk_accounts = Accounts:
bulk_line = { $line }. { $login }
bulk_line_named = { $line }. { $login }, { $name }
bulk_nothing = There is no line that I can use. Correct the list and send it again.
bulk_preview_next = Nobody has got anything yet. The prepared offers wait for 24 hours, and for 5 minutes once sent.
bulk_board = <b>Offers</b> on { $server }
bulk_counts = { $total ->
         [one] { $total } offer
        *[other] { $total } offers
    }: { $made } to send, { $sent } sent, { $taken } taken, { $over } over
bulk_made = { $title }: to be sent
bulk_sent = { $title }: sent, { $left } left
bulk_taken = { $title }: taken by { $by }
bulk_expired = { $title }: expired
bulk_cancelled = { $title }: called back
bulk_board_next = <b>Send</b> lets you choose the person's chat; <b>Call back</b> ends an offer that nobody has taken.

## Words

account_without_name = New account
person_without_name = user { $id }
span_minutes = { $count ->
         [one] { $count } minute
        *[other] { $count } minutes
    }
span_hours = { $count ->
         [one] { $count } hour
        *[other] { $count } hours
    }
span_days = { $count ->
         [one] { $count } day
        *[other] { $count } days
    }
moment_today = { $time } UTC
moment_later = { $day }, { $time } UTC

## What is wrong with a line of a list

bulk_login_missing = there is no login
bulk_password_missing = there is no password
bulk_bad_login = the login: { $why }
bulk_bad_password = the password: { $why }
bulk_bad_name = the name: { $why }
bulk_twice = the login is on line { $first } already
bulk_open_quote = a quote is not closed
bulk_too_many_values = more than login, password and name
bulk_too_many_lines = a list has at most { $max } accounts; { $count ->
         [one] { $count } line is
        *[other] { $count } lines are
    } left out

## From a number to a call

dial_number = <b>Call { $number }</b>
dial_which_line = Which line?
dial_which_number = <b>Which number?</b>
dial_bad_number = I can't dial that: a number or address has 1 to 256 characters on one line.
dialled_as = { $title }: { $number }
dialled_empty = { $title }: its dial rules leave nothing of the number
dialled_refused = { $title }: its dial rule <code>{ $rule }</code> does not let this number pass
dialled_too_long = { $title }: its dial rules make the number too long
no_lines = <b>No lines for call</b> to { $number }
no_lines_nobody = You have no account to call with. Press /new to add one, or ask somebody to share one with you.
no_lines_next = Open an account to put it right.
no_line_state = { $title }: { $state }
no_line_used = { $title }: somebody else uses it now. Take it back to call with it.

## The card of a call

call_to = <b>Call to { $who }</b>
call_from = <b>Call from { $who }</b>
call_missed = <b>Missed call from { $who }</b>
call_number = Number: <code>{ $number }</code>
call_line = Line: { $title }
call_other_line = Other line: { $who }
call_unknown = an unknown number
call_asked = Starting…
call_calling_you = I ring you. Answer in Telegram or in the phone, and the number is dialled.
call_calling_you_app = I ring you in Telegram. Answer, and the number is dialled.
call_calling_you_page = I ring your phone. Answer there, and the number is dialled.
call_awaits_app = Call @{ $account } within { $count ->
         [one] { $count } second
        *[other] { $count } seconds
    }, and you are connected.
call_awaits_page = Open the phone within { $count ->
         [one] { $count } second
        *[other] { $count } seconds
    }, and you are connected.
call_flood = Telegram does not let me ring you just now.
call_dialling = Calling…
call_ringing = It rings at the other end.
call_rings_you = Your phone rings. Answer in Telegram or in the phone.
call_rings_you_app = It rings in Telegram. Answer there.
call_rings_you_page = Your phone rings. Answer there.
call_rings_second = It rings on your second line. Switch holds the first one.
call_talking = Talking since { $at }
call_held = On hold, talking since { $at }
call_code = Code: <code>{ $code } { $reason }</code>
over_you = You ended it after { $time }.
over_them = The other side ended it after { $time }.
over_you_declined = You declined it.
over_they_declined = The other side declined it.
over_you_talked = You were talking, so the caller heard busy.
over_busy = The line is busy. Try again later.
over_missed = Not answered, { $at }.
over_no_answer = Nobody answered. Try again later.
over_caller_gave_up = The caller gave up, { $at }.
over_you_did_not_answer = You were not there to answer, so the number was not dialled.
over_cancelled = Cancelled before an answer.
over_failed = The call could not be made, or broke off.
over_lost = The server that carried the call was restarted. Please call again.
over_transferred = Transferred after { $time }. The two others talk without you.
open_phone = Open phone
end_other = End the first
call_back = Call back
record_start = Start recording 🔴
record_starting = Recording starts ⌛
record_stop = Stop recording ⏹
record_saving = Saving recording ⌛
record_locked = Recording locked 🔒
record_failed = Failed. Record again ⚠️
transfer_ask =
    To which number should the call with { $who } go? Send it as a reply to this message.
    You leave the call when it is transferred. /cancel leaves everything as it is.
transfer_hint = 8 (926) 123-45-67
transfer_asked = I transfer the call with { $who } to { $number }.
phone_text = Your phone opens in a window of its own: dial, answer, hold, transfer.
phone_none = There is no phone page on this server. Answer calls in Telegram.
call_help_button = Why calls don't ring
call_help_title = <b>Calls don't ring?</b>
call_help_privacy =
    Telegram lets you choose who may call you. Open Settings, Privacy and Security, Calls, and add @{ $account } to “Always allow”.
    Send any message to @{ $account } once, so that Telegram knows you two.
call_help_devices = A Telegram app that hangs in a call, or another device that answers, ends the call at once. Close it there.
call_help_page = Or open the phone page: it rings and talks without a Telegram call.
call_help_sound = No sound, or the call falls after some seconds? In the account, leave only alaw and mulaw in Audio Codecs, and press Apply.
over_not_rung = I could not ring you, so the number was not dialled.
over_not_rung_in = I could not ring you, { $at }.
service_account = the account that rings you
not_rung_privacy = Your privacy settings in Telegram don't let { $account } call you. Open Settings, Privacy and Security, Calls, and add it to “Always allow”.
not_rung_flood = Telegram limits how often I may ring people. Try again when that time is over.
not_rung_unknown = Telegram lets me ring only people who have written to me. Send any message to { $account } so that it may call you.
not_rung_outdated = Your Telegram app is too old for calls. Update it, and try again.
not_rung_slow = Telegram did not answer in time. Try again in a minute.
not_rung_broken = The Telegram call broke off before it began. Try again; if it goes on, restart your Telegram app.
not_rung_page = The phone page needs no Telegram call: open it and call from there.
code_refused = The provider does not accept the login or the password, or does not allow this call.
code_plan = The plan of the account does not allow this call. Ask its owner.
code_unknown = Nobody has this number. Check it, with the codes of country and city.
code_silent = The server did not answer in time. Try again; check the account if it goes on.
code_unavailable = Nobody can be reached there now. Try again later.
code_codecs = The two sides know no common codec. Leave only alaw and mulaw in Audio Codecs.
code_provider = The provider has trouble. Try again in a minute.
code_other = Ask your provider what this code means.
toast_recording = The recording starts
toast_recording_stops = The recording ends. It comes as soon as it is stored.
toast_asked_in_bot_chat = Send the number to @{ $bot }: I ask for it in our chat.
toast_reconnecting = Connecting anew. The card shows what came of it.
toast_cancelling = The call is given up
alert_call_over = This call is over.
alert_not_now = That is not possible at this moment of the call.
alert_recording_locked = The owner of the account records its calls. It can't be stopped here.
alert_recording_saving = The last recording is being stored. Try again in a moment.
alert_dial_too_fast = That were very many calls. Please wait a few minutes and try again.
alert_choice_over = This choice is too old. Send the number again.

## Recordings

recorded_out = <b>Call to { $who }</b>
recorded_in = <b>Call from { $who }</b>
recorded_line = { $title }, { $at }, { $time }
recorded_by = Talked: { $user }
recording_lost_chat = { $chat } can't be posted to any more, so this recording comes to you.
recording_lost_chat_unnamed = The chat for recordings can't be posted to any more, so this recording comes to you.
recording_owner_told = Recordings of { $title } can't be posted in the chat that you chose. They go to the user's chat with the bot. Add the bot there with the right to post, or choose another chat.
recording_not_saved =
    The recording of the call with { $who } is lost: { $reason }
    The call itself was not affected.
