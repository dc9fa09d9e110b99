import { expect, invoke, invokeAnything, test, type BridgeWindow } from './fixtures.ts';

/** One start for all claims: each one only asks. */
test('the window can do nothing but show the application', async ({ launch }) => {
  const { application, page } = await launch();

  await test.step('the page is sandboxed: no require, no process, only the bridge', async () => {
    const reachable = await page.evaluate(() => [
      typeof globalThis.require,
      typeof globalThis.process,
      typeof globalThis.module,
    ]);
    expect(reachable).toEqual(['undefined', 'undefined', 'undefined']);
    expect(await page.evaluate(() => Object.keys((window as unknown as BridgeWindow).verisim).sort())).toEqual([
      'invoke',
      'on',
      'openDropped',
    ]);
    const preferences = await application.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity } = (
        window?.webContents as unknown as { getLastWebPreferences(): Electron.WebPreferences }
      ).getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      webSecurity: true,
    });
  });

  await test.step('the page carries the content security policy, and eval is refused', async () => {
    const policy = await page.evaluate(async () => (await fetch(location.href)).headers.get('content-security-policy'));
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    // The debugger may evaluate in spite of the policy, so the page's own scheduler has to try.
    const outcome = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
            once: true,
          });
          const script = document.createElement('script');
          script.textContent = 'window.inlineRan = true';
          document.head.append(script);
        }),
    );
    expect(outcome).toMatch(/^script-src/);
    expect(await page.evaluate(() => 'inlineRan' in window)).toBe(false);
    expect(
      await page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            document.addEventListener('securitypolicyviolation', (event) => resolve(event.blockedURI), { once: true });
            setTimeout(() => {
              try {
                new Function('return 1')();
                resolve('ran');
              } catch {
                // The violation event tells.
              }
            });
          }),
      ),
    ).toBe('eval');
  });

  await test.step('navigation is refused', async () => {
    const before = page.url();
    expect(before).toBe('app://verisim/index.html');
    for (const target of [
      'https://example.com/',
      'file:///etc/passwd',
      'app://verisim/other.html',
      'data:text/html,x',
    ]) {
      await page.evaluate((address) => {
        location.href = address;
      }, target);
    }
    await page.waitForTimeout(300);
    expect(page.url()).toBe(before);
  });

  await test.step('window.open is refused; only a listed https site reaches the own browser', async () => {
    await application.evaluate(({ shell }) => {
      const opened: string[] = [];
      (globalThis as unknown as { opened: string[] }).opened = opened;
      shell.openExternal = (address) => Promise.resolve(void opened.push(address));
    });
    for (const address of [
      'https://example.com/',
      'app://verisim/index.html',
      'file:///etc',
      'https://doi.org/10.1/x',
    ]) {
      expect(await page.evaluate((target) => window.open(target) === null, address)).toBe(true);
    }
    expect(application.windows()).toHaveLength(1);
    const opened = await application.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    expect(opened).toEqual(['https://doi.org/10.1/x']);
  });

  await test.step('permissions are denied', async () => {
    const states = await page.evaluate(async () => {
      const names = ['camera', 'microphone', 'geolocation', 'notifications'] as PermissionName[];
      return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state));
    });
    expect(new Set(states)).toEqual(new Set(['denied']));
  });

  await test.step('nothing is fetched from outside', async () => {
    const outcomes = await page.evaluate(async () => {
      const addresses = ['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/passwd'];
      return Promise.all(
        addresses.map((address) =>
          fetch(address).then(
            () => 'answered',
            () => 'refused',
          ),
        ),
      );
    });
    expect(outcomes).toEqual(['refused', 'refused', 'refused']);
    const inMain = await application.evaluate(({ session }) =>
      session.defaultSession.fetch('https://example.com/').then(
        () => 'answered',
        (error: Error) => error.message,
      ),
    );
    expect(inMain).toContain('ERR_BLOCKED_BY_CLIENT');
  });

  await test.step('embedded pages do not load', async () => {
    await page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.src = 'app://verisim/index.html';
      document.body.append(frame);
    });
    await page.waitForTimeout(300);
    const embedded = page.frames().filter((frame) => frame !== page.mainFrame());
    expect(embedded.map((frame) => frame.url()).filter((url) => url.startsWith('app:'))).toEqual([]);
    await page.evaluate(() => document.querySelector('iframe')?.remove());
  });

  await test.step('unknown calls and bad input are refused with InvalidInput', async () => {
    const refused = { ok: false, error: { tag: 'InvalidInput' } };
    expect(await invokeAnything(page, 'files.read', { path: '/etc/passwd' })).toMatchObject(refused);
    expect(await invokeAnything(page, '__proto__', {})).toMatchObject(refused);
    expect(await invokeAnything(page, 'studies.volume', { seriesId: '../../etc/passwd' })).toMatchObject(refused);
    expect(await invokeAnything(page, 'studies.list', { more: 1 })).toMatchObject(refused);
    expect(await invokeAnything(page, 'runs.generate', { modelId: 'x', count: -1 })).toMatchObject(refused);
  });

  await test.step('the page cannot name paths', async () => {
    const refused = { ok: false, error: { tag: 'InvalidInput' } };
    expect(await invoke(page, 'studies.open', { paths: ['/etc/passwd'] })).toMatchObject(refused);
    const set = { kind: 'run', runId: 'x' } as const;
    expect(await invoke(page, 'exports.write', { set, format: 'png', deidentify: true, folder: '/tmp' })).toMatchObject(
      refused,
    );
  });

  await test.step('app:// serves its own files and nothing else', async () => {
    const statuses = await page.evaluate(async () => {
      const addresses = [
        'app://verisim/../../../etc/passwd',
        'app://verisim/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
        'app://verisim/..%2f..%2f..%2fpackage.json',
        'app://verisim/volumes/..%2f..%2fverisim.sqlite',
        'app://verisim/verisim.sqlite',
      ];
      return Promise.all(addresses.map((address) => fetch(address).then(({ status }) => status)));
    });
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
  });
});
