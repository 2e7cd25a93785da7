// How the page is built, served while developing, and tested.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// PLAYGROUND_PORT is the server's own setting, so `npm run dev` finds the server that was started with it.
const { PLAYGROUND_PORT: port = "8000" } = loadEnv("", ".", "PLAYGROUND_");

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": { target: `http://127.0.0.1:${port}`, ws: true } } },
  test: { environment: "jsdom", isolate: false, include: ["src/**/*.test.ts"], setupFiles: ["src/testing.ts"] },
});
