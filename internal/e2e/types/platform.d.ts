// What the recipes use of Node and of frameworks.
declare const process: { env: Record<string, string>; exitCode?: number };
declare module "react";
declare module "vue";
declare module "svelte/store";
