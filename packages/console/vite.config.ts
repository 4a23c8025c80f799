import { defineConfig } from 'vite'

/** Forms are left out, and what the contract brings along: they come when somebody opens one. */
const SHARED =
  /[\\/]console[\\/]src[\\/](api|fields|frame|preferences|show|words|style-nonce|no-eval)(?![\\/](act-dialog|declared))/

/**
 * Where the console stands is said by whoever serves it, so all that it loads is named from its own files on; only index.html,
 * which answers at every path of the console, has its `"./` replaced (docs/decisions/0083).
 */
export default defineConfig({
  base: './',
  build: {
    outDir: process.env.QUNHUB_CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Neither data: URLs in styles nor inline scripts pass the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What most pages lean on, in one file that comes with the first page: each of its files by itself would be a dozen
            // requests more before a page shows, and a browser has six at a time.
            { name: 'shared', test: SHARED },
          ],
        },
      },
    },
  },
})
