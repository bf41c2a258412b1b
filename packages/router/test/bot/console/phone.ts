import type { Browser, Page } from '@phonework/testkit/browser';
import type { ConsoleRouter } from './console-router.ts';

/** A phone that opened the address which the router printed. */
export async function openPhone(browser: Browser, router: ConsoleRouter, width = 390) {
  const context = await browser.newContext({ viewport: { width, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  const requestedHosts: string[] = [];
  /** What should never be: dialogs, errors in scripts, things that the content security policy had to stop. */
  const faults: string[] = [];
  page.on('request', (request) => requestedHosts.push(new URL(request.url()).host));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(router.channel.url(router.origin));
  await page.getByText('Connected', { exact: true }).waitFor();
  return { context, page, requestedHosts, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** Each visible text whose contrast to what lies under it is below 4.5 (WCAG 2, AA). */
export async function lowContrast(page: Page): Promise<unknown> {
  return await page.evaluate(`(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data;
    };
    const luminance = (color) => {
      const [r, g, b] = [...rgba(color)].slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = (element) => {
      for (let one = element; one !== null; one = one.parentElement) {
        const color = getComputedStyle(one).backgroundColor;
        if (rgba(color)[3] === 255) return color;
      }
      return 'white';
    };
    const found = [];
    for (const element of document.body.querySelectorAll('*')) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
      if (!hasText || !element.checkVisibility()) continue;
      const [light, dark] = [luminance(getComputedStyle(element).color), luminance(background(element))].sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < 4.5) found.push(element.textContent + ' ' + contrast.toFixed(2));
    }
    return found;
  })()`);
}
