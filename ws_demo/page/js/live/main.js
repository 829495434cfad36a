// The stage's page: connects the modules. What is said, and by whom, is in scripts/live.sh and ws_demo/live.h.

import { Connection, socketAddress } from '../connection.js';
import { byId } from '../dom.js';
import { voterKey } from '../key.js';
import { startLanguage } from '../text.js';
import { showActs, startActs } from './acts.js';
import * as ask from './ask.js';
import { showChooser, startChooser } from './chooser.js';
import { showLink } from './link.js';
import { showRace } from './race.js';
import { showSettings, startSettings } from './settings.js';
import { Speaker } from './speaker.js';
import { showDirects, showNo, showStage, startStage } from './stage.js';
import { redrawQuestions, showQuestions, showTeacher, startTeacher } from './teacher.js';
import { chinese } from './text-zh.js';
import { takeToken } from './token.js';
import { redrawWall, showOn, showWall } from './wall.js';

// The host may have nothing to say for long. After this silence the page connects again, in case that the connection is
// dead: each page after a time of its own.
const SILENCE_MS = 60000 * (1 + Math.random());

const key = voterKey();
const token = takeToken();
let isIn = false; // hello has come, on this connection

const path = () => `stage?key=${key}${token ? `&token=${encodeURIComponent(token)}` : ''}`;

const connection = new Connection(() => socketAddress(path()), {
  socket() {},
  sent() {},
  state(state, wait) {
    if (state !== 'OPEN') {
      isIn = false;
      speaker.forget();
    }
    showLink(state, wait, path());
  },
  received(message) {
    if (Object.hasOwn(HEARD, message.type)) HEARD[message.type](message);
  },
}, SILENCE_MS);

const speaker = new Speaker((word) => connection.send(word));
const speak = (word) => speaker.say(word);

const HEARD = {
  hello({ directs }) {
    isIn = true;
    showDirects(directs);
    ask.setDirects(directs);
    speak({ type: 'here' });
    ask.voteAgain();
  },
  refused() {
    if (isIn) speaker.refused();
  },
  stage(stage) {
    const { acts = [], shown = [], on = [], models = [], guests = 0 } = stage;
    showStage(stage);
    showActs({ acts, shown, on });
    showChooser({ models, shown });
    showOn(on);
    ask.showGuests(guests);
    speaker.taken('view');
    speaker.taken('lanes');
    speaker.taken('act');
  },
  wall: showWall,
  race(race) {
    showRace(race);
    showSettings(race);
    speaker.taken(race.state === 'over' ? 'stop' : 'race');
    document.body.dataset.raced = true;
  },
  questions({ questions }) { showQuestions(questions); },
  ask(question) {
    ask.showAsk(question);
    showTeacher(question);
    for (const type of ['ask', 'bars', 'run', 'outcome', 'clear']) speaker.taken(type);
  },
  mine(vote) {
    speaker.taken('here');
    if (ask.showMyVote(vote)) speaker.taken('vote');
  },
  no(answer) {
    ask.voteRefused();
    speaker.forget();
    showNo(answer);
  },
};

startStage(speak);
startActs(speak);
startChooser(speak);
startSettings(speak);
ask.startAsk(speak);
startTeacher(speak);
showDirects(false);
startLanguage(chinese, () => {
  redrawWall();
  ask.redrawAsk();
  redrawQuestions();
});
byId('connect-now').addEventListener('click', () => connection.connectNow());
addEventListener('online', () => connection.connectNow());
addEventListener('visibilitychange', () => { // a phone that was in a pocket
  if (!document.hidden) connection.connectNow();
});
connection.open();
byId('not-running').remove();
