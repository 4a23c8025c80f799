import { defineConfig } from 'vite'

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
  },
})
