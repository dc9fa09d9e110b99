import type { ElectronApplication } from '@playwright/test';

/** Every folder or file dialog answers with these paths from now on. */
export async function answerDialogs(application: ElectronApplication, ...paths: string[]): Promise<void> {
  await application.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
  }, paths);
}
