// demo.js - ws_demo as a child process, and Debian's Chromium with pages of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const root = new URL('../..', import.meta.url).pathname;
const program = `${process.env.BUILD_DIR ?? root + 'build'}/ws_demo/ws_demo`;
const shots = `${root}build-logs/screenshots`;

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];

// The server; `port` 0 lets it pick one.
export class Demo {
    static async start({ port = 0, options = [] } = {}) {
        const demo = new Demo();
        demo.process = spawn(program, ['--port', String(port), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
        const [line] = await once(createInterface(demo.process.stdout), 'line');
        demo.port = Number(line.split(':').at(-1));
        return demo;
    }

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    async stop(signal = 'SIGTERM') {
        if (this.process.exitCode === null && this.process.signalCode === null) {
            const ended = once(this.process, 'exit');
            this.process.kill(signal);
            await ended;
        }
        return this.process.exitCode;
    }
}

export function launch() {
    return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

// A page that has joined the room. What goes wrong in it (an exception, a refused load) ends up in `page.faults`.
export async function join(browser, demo, { room = 'class', name, viewport = { width: 1280, height: 900 }, ...rest }) {
    const context = await browser.newContext({ viewport, ...rest });
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('requestfailed', (request) => page.faults.push(`${request.url()}: ${request.failure().errorText}`));
    page.on('console', (message) => {
        if (/Content Security Policy|Refused to/.test(message.text())) page.faults.push(message.text());
    });
    await page.goto(`${demo.url}/?room=${room}&name=${name}&lang=${rest.lang ?? 'en'}`);
    await state(page, 'OPEN');
    return page;
}

export function state(page, wanted) {
    return page.waitForSelector(`#state[data-state=${wanted}]`, { state: 'attached', timeout: 20000 });
}

export async function say(page, text) {
    await page.fill('#say-text', text);
    await page.click('#say');
}

// What a page shows of the room: texts, in order.
export function texts(page) {
    return page.$$eval('#messages .message[data-seq]', (all) =>
        all.map((one) => one.querySelector('.words').textContent));
}

export function heard(page, text) {
    return page.waitForFunction((wanted) => [...document.querySelectorAll('#messages .message[data-seq] .words')]
        .some((one) => one.textContent === wanted), text, { timeout: 20000 });
}

export function events(page, socket) {
    return page.$$eval('#log .event', (all, wanted) => all.filter((one) => one.dataset.socket === wanted)
        .map((one) => ({ event: one.dataset.event, code: one.dataset.code })), socket);
}

export async function shoot(page, name) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}
